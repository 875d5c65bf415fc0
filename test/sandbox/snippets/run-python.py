# Runs every snippet of python.py in CPython and writes, as JSON, what each answers: `value` as the sandbox shows a result, `shown` as
# repr() does (which tells 1 from 1.0 and a tuple from a list), `printed` as it printed. Started by make-fixtures.mjs.
import contextlib, io, json, math, pathlib, sys

folder = pathlib.Path(__file__).parent

def plain(value):
    if isinstance(value, float) and not math.isfinite(value): return None
    if hasattr(value, 'isoformat'): return value.isoformat()
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)): return [plain(item) for item in value]
    return value

answers = []
for block in (folder / 'python.py').read_text('utf-8').split('\n#%% ')[1:]:
    name, _, code = block.partition('\n')
    space = {'__name__': '__main__', 'context': json.loads((folder / 'context.json').read_text('utf-8'))}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try: exec(compile(code, name, 'exec'), space)
        except SystemExit: pass
    result = space.get('result')
    answers.append({'name': name, 'code': code.rstrip('\n'), 'value': plain(result), 'shown': repr(result), 'printed': printed.getvalue()})
json.dump(answers, sys.stdout, ensure_ascii=False, indent=1)

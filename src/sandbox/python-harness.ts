// The Python that stands between the host and a snippet: what may be imported, how the input comes in and how a result or an
// error goes out. Written in what MicroPython understands. It is manners, not walls: walls are python.ts and the meter.

/** Modules that a snippet may import. */
const MODULES =
  "__future__ abc array base64 binascii bisect calendar cmath collections copy datetime errno fnmatch functools hashlib heapq hmac " +
  "html io itertools json locale math operator random re statistics string struct sys textwrap time types typing urllib uuid zlib";

/** Defines `_entries`: read, run, check and write. The host puts `_code` and `_context` among the modules before. */
export const PYTHON_HARNESS = `

def _harness(load, emit, dumps, loads, compile, exec, print_exception, modules,
             grown, more_random):
    # Nothing of ours is global: a snippet may clear the globals of any function that it reaches.
    import builtins, io, sys
    answer = ''
    deepest = 0
    space = {'__name__': '__main__'}
    # A module of the interpreter may need others that are not for snippets.
    nested = 0

    class OutputLimit(Exception):
        pass

    def refuse(message):
        def refused(*args, **kwargs):
            raise OSError(message)
        return refused

    def importer(name, globals=None, locals=None, names=None, level=0):
        nonlocal nested
        if not nested and name.split('.')[0] not in modules:
            raise ImportError("no module named '%s'" % name)
        nested += 1
        try:
            module = load(name, globals, locals, names, level)
            if name == 'random' and not hasattr(module, 'shuffle'):
                module = grown(name, more_random(module))
        finally:
            nested -= 1
        if name == 'time':
            module.sleep = module.sleep_ms = module.sleep_us = refuse('a snippet cannot sleep')
        return module

    def key(value):
        if isinstance(value, str):
            return dumps(value)
        if value is None or isinstance(value, (bool, int, float)):
            return dumps(dumps(value))
        raise TypeError('keys must be str, int, float, bool or None, not ' + type(value).__name__)

    def encode(value, depth):
        if value is None or value is True or value is False or isinstance(value, (int, str)):
            return dumps(value)
        if isinstance(value, float):
            return dumps(value) if value - value == 0 else 'null'
        if hasattr(value, 'isoformat'):
            return dumps(value.isoformat())
        if depth == 0:
            raise OutputLimit('the result nests deeper than ' + str(deepest) + ' levels')
        # Loops, not comprehensions: a level of the result must not cost two of the stack.
        parts = []
        if isinstance(value, (list, tuple, set, frozenset)):
            for item in value:
                parts.append(encode(item, depth - 1))
            return '[' + ','.join(parts) + ']'
        if isinstance(value, dict):
            for name, item in value.items():
                parts.append(key(name) + ':' + encode(item, depth - 1))
            return '{' + ','.join(parts) + '}'
        raise TypeError('a result of type ' + type(value).__name__ + ' is not JSON')

    def failure(error):
        trace = io.StringIO()
        print_exception(error, trace)
        text = trace.getvalue()
        # Where it began and where it ended: between them a recursion has hundreds of lines.
        if len(text) > 6000: text = text[:2000] + text[-4000:]
        return 'E' + dumps([type(error).__name__, str(error)[:2000], text])

    def take(name):
        value = load(name)
        del sys.modules[name]
        return value

    def read():
        space['context'] = loads(take('_context'))

    def run():
        nonlocal answer
        try:
            exec(compile(take('_code'), 'snippet', 'exec'), space)
        except SystemExit as end:
            if end.value: answer = failure(end)
        except BaseException as error:
            answer = failure(error)

    def write(depth, as_truth):
        nonlocal deepest
        deepest = depth
        text = answer
        if not text:
            try:
                if 'result' not in space: text = 'N'
                elif as_truth: text = 'Rtrue' if space['result'] else 'Rfalse'
                else: text = 'R' + encode(space['result'], depth)
            except BaseException as error:
                text = failure(error)
        emit(text)

    def check():
        nonlocal answer
        try:
            compile(take('_code'), 'snippet', 'exec')
            answer = 'Rnull'
        except BaseException as error:
            answer = failure(error)

    builtins.__import__ = importer
    builtins.open = refuse('a snippet has no files')
    builtins.input = refuse('a snippet has no input')
    return read, run, check, write

_entries = _harness(
    _load, sys.stdout.write, _native_dumps, _native_loads, compile, exec, sys.print_exception,
    '${MODULES}'.split(), _grown, _random_more)
`;

// Small modules about text that the interpreter has in part or not at all: string, textwrap, urllib.parse, hashlib, uuid, typing.

export const TEXTS = String.raw`
import string, hashlib

class _StringTemplate:
    def __init__(self, template): self.template = template

    def _filled(self, values, strict):
        def one(match):
            name = match.group('named') or match.group('braced')
            if name is None: return '$' if match.group('escaped') else match.group()
            if name not in values and not strict: return match.group()
            return str(values[name])
        return _compiled(r'\$(?:(?P<escaped>\$)|(?P<named>[_a-zA-Z]\w*)|\{(?P<braced>[_a-zA-Z]\w*)\})').sub(one, self.template)

    def substitute(self, mapping=None, **values): return self._filled(_merge(mapping or {}, values), True)
    def safe_substitute(self, mapping=None, **values): return self._filled(_merge(mapping or {}, values), False)

string.Template = _StringTemplate
string.capwords = lambda text, sep=None: (sep or ' ').join([word.capitalize() for word in text.split(sep)])

def _wrap(text, width=70, initial_indent='', subsequent_indent='', break_long_words=True, max_lines=None, placeholder=' [...]'):
    lines, line = [], initial_indent
    empty = True
    for word in text.split():
        room = width - len(line) - (0 if empty else 1)
        while break_long_words and len(word) > width - len(subsequent_indent) and len(word) > room:
            cut = room if empty else 0
            if empty: lines.append(line + word[:cut])
            else: lines.append(line)
            word, line, empty = word[cut:], subsequent_indent, True
            room = width - len(line)
        if not empty and len(word) > room:
            lines.append(line)
            line, empty = subsequent_indent, True
        line, empty = line + ('' if empty else ' ') + word, False
    if not empty: lines.append(line)
    if max_lines is not None and len(lines) > max_lines:
        words = lines[max_lines - 1].split(' ')
        while words and len(' '.join(words)) + len(placeholder) > width: words.pop()
        lines = lines[:max_lines - 1] + [(' '.join(words) + placeholder) if words else placeholder.strip()]
    return lines

def _dedent(text):
    lines = text.split('\n')
    margin = None
    for line in lines:
        if not line.strip(): continue
        indent = line[:len(line) - len(line.lstrip())]
        if margin is None: margin = indent
        while not indent.startswith(margin): margin = margin[:-1]
    return '\n'.join([line[len(margin or ''):] if line.strip() else '' for line in lines])

_new_module('textwrap', dict(
    wrap=_wrap, fill=lambda text, width=70, **kwargs: '\n'.join(_wrap(text, width, **kwargs)), dedent=_dedent,
    shorten=lambda text, width, placeholder=' [...]': (_wrap(' '.join(text.split()), width, max_lines=1, placeholder=placeholder) or [''])[0],
    indent=lambda text, prefix, predicate=None: ''.join([prefix + line if (predicate(line) if predicate else line.strip()) else line for line in text.splitlines(True)])))

_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~'

def _quote(text, safe='/', encoding=None, errors=None):
    raw = text if isinstance(text, bytes) else text.encode()
    return ''.join([chr(byte) if chr(byte) in _SAFE or byte < 128 and chr(byte) in safe else '%%%02X' % byte for byte in raw])

def _unquote(text, encoding='utf-8', errors='replace'):
    if '%' not in text: return text
    raw, at, data = bytearray(), 0, text.encode()
    while at < len(data):
        code = data[at + 1:at + 3].decode() if data[at] == 37 and len(data) > at + 2 else ''
        if len(code) == 2 and code[0] in string.hexdigits and code[1] in string.hexdigits:
            raw.append(int(code, 16))
            at += 3
        else:
            raw.append(data[at])
            at += 1
    return bytes(raw).decode()

def _quote_plus(text, safe='', encoding=None, errors=None): return _quote(text, safe + ' ').replace(' ', '+')
def _unquote_plus(text, encoding='utf-8', errors='replace'): return _unquote(text.replace('+', ' '))

def _urlencode(query, doseq=False, safe='', encoding=None, errors=None, quote_via=_quote_plus):
    pairs = []
    for key, value in query.items() if hasattr(query, 'items') else query:
        for one in value if doseq and isinstance(value, (list, tuple)) else (value,):
            pairs.append(quote_via(str(key), safe) + '=' + quote_via(str(one), safe))
    return '&'.join(pairs)

def _parse_qsl(query, keep_blank_values=False):
    pairs = []
    for part in query.split('&'):
        name, mark, value = part.partition('=')
        if value or keep_blank_values: pairs.append((_unquote_plus(name), _unquote_plus(value)))
    return pairs

def _parse_qs(query, keep_blank_values=False):
    found = {}
    for name, value in _parse_qsl(query, keep_blank_values): found.setdefault(name, []).append(value)
    return found

_Parts = _native_namedtuple('ParseResult', ('scheme', 'netloc', 'path', 'params', 'query', 'fragment'))

class _Url(_Parts):
    @property
    def hostname(self):
        host = self.netloc.rpartition('@')[2].partition(':')[0]
        return host.lower() or None
    @property
    def port(self):
        port = self.netloc.rpartition('@')[2].partition(':')[2]
        return int(port) if port else None

def _urlparse(url, scheme=''):
    match = _compiled(r'(?:([A-Za-z][\w+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?').match(url)
    own, netloc, path, query, fragment = match.groups('')
    return _Url(own.lower() or scheme, netloc, path, '', query, fragment)

_parse = _new_module('urllib.parse', dict(
    quote=_quote, quote_plus=_quote_plus, unquote=_unquote, unquote_plus=_unquote_plus, urlencode=_urlencode, parse_qs=_parse_qs,
    parse_qsl=_parse_qsl, urlparse=_urlparse))
_new_module('urllib', dict(parse=_parse))

_native_sha256 = hashlib.sha256

class _Sha256:
    name, digest_size, block_size = 'sha256', 32, 64
    def __init__(self, data=b''): self._data = bytes(data)
    def update(self, data): self._data += bytes(data)
    def digest(self): return _native_sha256(self._data).digest()
    def hexdigest(self): return self.digest().hex()
    def copy(self): return _Sha256(self._data)

_grown('hashlib', dict(sha256=_Sha256))

class _Hint:
    def __getitem__(self, what): return self
    def __call__(self, *args, **kwargs): return self

_hint = _Hint()
_new_module('typing', {name: _hint for name in (
    'Any Optional Union List Dict Set Tuple FrozenSet Iterable Iterator Sequence Mapping Callable Literal Final ClassVar Type Generic TypeVar '
    'NoReturn Protocol Annotated Generator Collection MutableMapping DefaultDict Deque Counter Hashable Sized').split()})
sys.modules['typing'].cast = lambda kind, value: value
sys.modules['typing'].TYPE_CHECKING = False
_new_module('__future__', dict(annotations=None, division=None, print_function=None))
`;

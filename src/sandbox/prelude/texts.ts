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

def _rotated(word, by): return (word << by | word >> (32 - by)) & 0xffffffff

def _padded(data, order):
    data = bytes(data)
    return data + b'\x80' + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, order)

_SINES = [int(abs(math.sin(step + 1)) * 4294967296) for step in range(64)]
_TURNS = (7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)

def _md5(data):
    state, text = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476], _padded(data, 'little')
    for at in range(0, len(text), 64):
        words = struct.unpack('<16I', text[at:at + 64])
        a, b, c, d = state
        for step in range(64):
            if step < 16: mixed, word = b & c | ~b & d, step
            elif step < 32: mixed, word = d & b | ~d & c, (5 * step + 1) % 16
            elif step < 48: mixed, word = b ^ c ^ d, (3 * step + 5) % 16
            else: mixed, word = c ^ (b | ~d & 0xffffffff), 7 * step % 16
            total = (a + (mixed & 0xffffffff) + _SINES[step] + words[word]) & 0xffffffff
            a, d, c, b = d, c, b, (b + _rotated(total, _TURNS[step // 16][step % 4])) & 0xffffffff
        state = [(old + new) & 0xffffffff for old, new in zip(state, (a, b, c, d))]
    return struct.pack('<4I', *state)

def _sha1(data):
    state, text = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0], _padded(data, 'big')
    for at in range(0, len(text), 64):
        words = list(struct.unpack('>16I', text[at:at + 64]))
        for step in range(16, 80): words.append(_rotated(words[step - 3] ^ words[step - 8] ^ words[step - 14] ^ words[step - 16], 1))
        a, b, c, d, e = state
        for step in range(80):
            if step < 20: mixed, add = b & c | ~b & d, 0x5a827999
            elif step < 40: mixed, add = b ^ c ^ d, 0x6ed9eba1
            elif step < 60: mixed, add = b & c | b & d | c & d, 0x8f1bbcdc
            else: mixed, add = b ^ c ^ d, 0xca62c1d6
            a, b, c, d, e = (_rotated(a, 5) + (mixed & 0xffffffff) + e + add + words[step]) & 0xffffffff, a, _rotated(b, 30), c, d
        state = [(old + new) & 0xffffffff for old, new in zip(state, (a, b, c, d, e))]
    return struct.pack('>5I', *state)

class _Md5(_Sha256):
    name, digest_size = 'md5', 16
    def digest(self): return _md5(self._data)
    def copy(self): return _Md5(self._data)

class _Sha1(_Sha256):
    name, digest_size = 'sha1', 20
    def digest(self): return _sha1(self._data)
    def copy(self): return _Sha1(self._data)

_hashes = dict(sha256=_Sha256, md5=_Md5, sha1=_Sha1)
_grown('hashlib', dict(new=lambda name, data=b'': _hashes[name.lower().replace('-', '')](data), **_hashes))

class _Uuid:
    def __init__(self, hex): self.hex = hex.replace('-', '').lower()
    def __str__(self): return '-'.join([self.hex[:8], self.hex[8:12], self.hex[12:16], self.hex[16:20], self.hex[20:]])
    def __repr__(self): return "UUID('" + str(self) + "')"
    def __eq__(self, other): return isinstance(other, _Uuid) and self.hex == other.hex
    def __hash__(self): return hash(self.hex)

def _uuid4():
    bits = builtins.__import__('random').getrandbits
    digits = ''.join(['%04x' % bits(16) for _ in range(8)])
    return _Uuid(digits[:12] + '4' + digits[13:16] + '89ab'[int(digits[16], 16) & 3] + digits[17:])

_new_module('uuid', dict(UUID=_Uuid, uuid4=_uuid4))

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

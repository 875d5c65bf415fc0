// What text can do in Python and not in MicroPython: the missing methods of str, and letters beyond ASCII.

/**
 * `_LETTERS` and `_DIGITS` are the host's (unicode.ts): borders of ranges of letters, first digits of ranges of ten; `_UPPER` and
 * `_LOWER` are characters beyond ASCII and what they become.
 */
export const TEXT = String.raw`
import _unicode_json, array, json
_unicode = json.loads(_unicode_json)
del sys.modules['_unicode_json']

_LETTERS = array.array('I', _unicode['letters'])
_DIGITS = array.array('I', _unicode['digits'])
_UPPER, _LOWER = [(array.array('I', codes), results) for codes, results in (_unicode['upper'], _unicode['lower'])]
_WHITE = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

def _below(borders, code):
    low, high = 0, len(borders)
    while low < high:
        middle = (low + high) // 2
        if code < borders[middle]: high = middle
        else: low = middle + 1
    return low

def _is_letter(char):
    code = ord(char)
    if code < 128: return 65 <= code <= 90 or 97 <= code <= 122
    return _below(_LETTERS, code) % 2 == 1

def _digit(char):
    # The value of a decimal digit of any script, or None.
    code = ord(char)
    if code < 128: return code - 48 if 48 <= code <= 57 else None
    at = _below(_DIGITS, code)
    if at and code - _DIGITS[at - 1] < 10: return code - _DIGITS[at - 1]

def _is_ascii(text):
    return len(memoryview(text)) == len(text)

def _changed(cases, char):
    # What the character becomes, or None.
    codes, results = cases
    at = _below(codes, ord(char)) - 1
    return results[at] if at >= 0 and codes[at] == ord(char) else None

_native_upper, _native_lower = str.upper, str.lower
_native_split, _native_rsplit, _native_splitlines = str.split, str.rsplit, str.splitlines
_native_strip, _native_lstrip, _native_rstrip = str.strip, str.lstrip, str.rstrip
_native_isalpha, _native_isdigit, _native_isspace = str.isalpha, str.isdigit, str.isspace
_native_isupper, _native_islower = str.isupper, str.islower

def _upper(text):
    text = _native_upper(text)
    return text if _is_ascii(text) else ''.join([_changed(_UPPER, char) or char for char in text])

def _lower(text):
    text = _native_lower(text)
    return text if _is_ascii(text) else ''.join([_changed(_LOWER, char) or char for char in text])

def _is_upper_char(char):
    return 'A' <= char <= 'Z' or char > '\x7f' and _changed(_LOWER, char) is not None

def _is_lower_char(char):
    return 'a' <= char <= 'z' or char > '\x7f' and _changed(_UPPER, char) is not None

def _title(text):
    parts, inside = [], False
    for char in text:
        parts.append(_lower(char) if inside else _capital(char))
        inside = _is_letter(char)
    return ''.join(parts)

def _capital(char):
    return 'Ss' if char == 'ß' else _upper(char)

def _capitalize(text):
    return _capital(text[:1]) + _lower(text[1:])

def _swapcase(text):
    return ''.join([_lower(char) if _is_upper_char(char) else _upper(char) for char in text])

def _casefold(text):
    return _lower(text).replace('ß', 'ss').replace('ς', 'σ')

def _all(text, test):
    for char in text:
        if not test(char): return False
    return len(text) > 0

def _isalpha(text):
    return _native_isalpha(text) if _is_ascii(text) else _all(text, _is_letter)

def _isdecimal(text):
    if _is_ascii(text): return _native_isdigit(text)
    return _all(text, lambda char: _digit(char) is not None)

def _isdigit(text):
    if _is_ascii(text): return _native_isdigit(text)
    return _all(text, lambda char: _digit(char) is not None or char in '²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉')

def _isnumeric(text):
    if _is_ascii(text): return _native_isdigit(text)
    return _all(text, lambda char: _digit(char) is not None or char in '²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉¼½¾')

def _isalnum(text):
    return _all(text, lambda char: _is_letter(char) or _isnumeric(char))

def _isspace(text):
    if _is_ascii(text): return _native_isspace(text) or _all(text, lambda char: char in _WHITE)
    return _all(text, lambda char: char in _WHITE)

def _cased(text, good, bad):
    found = False
    for char in text:
        if bad(char): return False
        if good(char): found = True
    return found

def _isupper(text):
    if _is_ascii(text): return _native_isupper(text)
    return _cased(text, _is_upper_char, _is_lower_char)

def _islower(text):
    if _is_ascii(text): return _native_islower(text)
    return _cased(text, _is_lower_char, _is_upper_char)

def _istitle(text):
    return _title(text) == text and _cased(text, _is_upper_char, lambda char: False)

def _isidentifier(text):
    return len(text) > 0 and not _isnumeric(text[0]) and _all(text, lambda char: char == '_' or _isalnum(char))

def _isprintable(text):
    for char in text:
        if ord(char) < 32 or char != ' ' and char in _WHITE or '\x7f' <= char < '\xa0': return False
    return True

def _pad(width, text, fill):
    if not isinstance(fill, str) or len(fill) != 1:
        raise TypeError('The fill character must be exactly one character long')
    return fill * (width - len(text))

def _ljust(text, width, fillchar=' '):
    return text + _pad(width, text, fillchar)

def _rjust(text, width, fillchar=' '):
    return _pad(width, text, fillchar) + text

def _center(text, width, fillchar=' '):
    room = len(_pad(width, text, fillchar))
    left = room // 2 + (room & width & 1)
    return fillchar * left + text + fillchar * (room - left)

def _zfill(text, width):
    sign = text[:1] if text[:1] in ('+', '-') else ''
    return sign + '0' * (width - len(text)) + text[len(sign):]

def _removeprefix(text, prefix):
    return text[len(prefix):] if prefix and text.startswith(prefix) else text[:]

def _removesuffix(text, suffix):
    return text[:-len(suffix)] if suffix and text.endswith(suffix) else text[:]

def _expandtabs(text, tabsize=8):
    parts, column = [], 0
    for char in text:
        if char == '\t':
            room = tabsize - column % tabsize if tabsize > 0 else 0
            parts.append(' ' * room)
            column += room
        else:
            parts.append(char)
            column = 0 if char in '\r\n' else column + 1
    return ''.join(parts)

def _translate(text, table):
    parts = []
    for char in text:
        try: new = table[ord(char)]
        except LookupError: new = char
        if new is not None: parts.append(new if isinstance(new, str) else chr(new))
    return ''.join(parts)

def _maketrans(x, y=None, z=None):
    if y is None: return {key if isinstance(key, int) else ord(key): value for key, value in x.items()}
    if len(x) != len(y): raise ValueError('the first two maketrans arguments must have equal length')
    table = {ord(key): ord(value) for key, value in zip(x, y)}
    if z:
        for char in z: table[ord(char)] = None
    return table

def _spaced(text):
    # Other white space than ASCII's becomes plain; as many characters as before.
    return text if _is_ascii(text) else ''.join([' ' if char in _WHITE else char for char in text])

def _words(native):
    def split(text, sep=None, maxsplit=-1):
        if sep is None and not _is_ascii(text):
            marked = _spaced(text)
            if marked != text and maxsplit < 0: text = marked
        return native(text, sep, maxsplit)
    return split

def _stripped(native, left, right):
    def strip(text, chars=None):
        if chars is not None: return native(text, chars)
        if _is_ascii(text): return native(text)
        start, end = 0, len(text)
        if left:
            while start < end and text[start] in _WHITE: start += 1
        if right:
            while start < end and text[end - 1] in _WHITE: end -= 1
        return text[start:end]
    return strip

def _splitlines(text, keepends=False):
    lines, line, index = [], [], 0
    while index < len(text):
        char = text[index]
        index += 1
        if char not in '\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029':
            line.append(char)
            continue
        if char == '\r' and text[index:index + 1] == '\n':
            char = '\r\n'
            index += 1
        lines.append(''.join(line) + (char if keepends else ''))
        line = []
    if line: lines.append(''.join(line))
    return lines

_native_replace, _native_encode = str.replace, str.encode

def _replace(text, old, new, count=-1):
    return _native_replace(text, old, new, count)

def _encode(text, encoding='utf-8', errors='strict'):
    if encoding.lower().replace('_', '-') not in ('ascii', 'us-ascii', 'latin-1', 'latin1', 'iso-8859-1'):
        return _native_encode(text)
    most, parts = 127 if 'ascii' in encoding.lower() else 255, []
    for char in text:
        if ord(char) <= most: parts.append(ord(char))
        elif errors == 'replace': parts.append(63)
        elif errors != 'ignore': raise UnicodeError("'%s' codec can't encode character %r" % (encoding, char))
    return bytes(parts)

_extend(str, dict(
    upper=_upper, lower=_lower, title=_title, capitalize=_capitalize, swapcase=_swapcase, casefold=_casefold,
    isalpha=_isalpha, isdecimal=_isdecimal, isdigit=_isdigit, isnumeric=_isnumeric, isalnum=_isalnum, isspace=_isspace,
    isupper=_isupper, islower=_islower, istitle=_istitle, isidentifier=_isidentifier, isprintable=_isprintable,
    isascii=_is_ascii, ljust=_ljust, rjust=_rjust, center=_center, zfill=_zfill, removeprefix=_removeprefix,
    removesuffix=_removesuffix, expandtabs=_expandtabs, translate=_translate, maketrans=staticmethod(_maketrans),
    split=_words(_native_split), rsplit=_words(_native_rsplit), splitlines=_splitlines, replace=_replace, encode=_encode,
    strip=_stripped(_native_strip, True, True), lstrip=_stripped(_native_lstrip, True, False),
    rstrip=_stripped(_native_rstrip, False, True)))

class _Slicer:
    def __getitem__(self, at): return at

_slice = type(_Slicer()[::1])

class _Step:
    # Text, bytes and tuples behind a slice that has a step; see python-source.ts.
    def __init__(self, value):
        self.value = value

    def __getitem__(self, at):
        if not isinstance(at, _slice): return self.value[at]
        items = list(self.value)[at]
        if isinstance(self.value, str): return ''.join(items)
        return type(self.value)(items)

def _step(value):
    return _Step(value) if isinstance(value, (str, bytes, tuple)) else value

builtins.__step__ = _step
`;

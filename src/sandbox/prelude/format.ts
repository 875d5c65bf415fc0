// Formatting: str.format and with it f-strings, format(), the % of a text, and numbers rounded as CPython rounds them, from their
// exact value. The interpreter's own does the rest.

export const FORMAT = String.raw`
import math

_native_format, _native_round = str.format, round
_native_int, _native_float = int, float

def _fixed(value, places):
    # The exact value of a float, half to even, with that many decimals.
    sign = '-' if value < 0 or value == 0 and str(value)[0] == '-' else ''
    fraction, exponent = math.frexp(abs(value))
    scaled, exponent = int(fraction * 9007199254740992.0) * 10 ** places, exponent - 53
    if exponent >= 0: units = scaled << exponent
    else:
        units = scaled >> -exponent
        rest, half = scaled - (units << -exponent), 1 << (-exponent - 1)
        if rest > half or rest == half and units & 1: units += 1
    digits = str(units)
    if not places: return sign + digits
    if len(digits) <= places: digits = '0' * (places + 1 - len(digits)) + digits
    return sign + digits[:-places] + '.' + digits[-places:]

def _grouped(digits, separator, size=3):
    first = len(digits) % size
    parts = [digits[:first]] if first else []
    for at in range(first, len(digits), size): parts.append(digits[at:at + size])
    return separator.join(parts)

def _float_digits(value, kind, precision, alternate):
    # Without a sign.
    value = abs(value)
    if value != value or value - value != 0:
        text = 'nan' if value != value else 'inf'
        return text.upper() if kind in ('E', 'F', 'G') else text
    if kind in ('f', 'F'): return _fixed(value, 6 if precision is None else precision)
    if kind == '%': return _fixed(value * 100, 6 if precision is None else precision) + '%'
    if not kind and precision is None: return str(value)
    if kind in ('g', 'G', 'n') or not kind:
        text = ('%.' + str(6 if precision is None else precision) + ('G' if kind == 'G' else 'g')) % value
        return text + '.0' if not kind and '.' not in text and 'e' not in text else text
    return ('%.' + str(6 if precision is None else precision) + kind) % value

def _spec_error(kind, value):
    return ValueError("Unknown format code '%s' for object of type '%s'" % (kind, type(value).__name__))

def _format(value, spec=''):
    if not spec: return str(value)
    known = type(value)
    # The interpreter's own counts bytes for a width.
    if known is str and _is_ascii(value) or known is int and '_' not in spec: return _native_format('{:' + spec + '}', value)
    if known is float and spec[-1] == 'f' and spec[0] == '.' and spec[1:-1].isdigit() and value - value == 0: return _fixed(value, int(spec[1:-1]))
    own = getattr(value, '__format__', None)
    if own: return own(spec)
    if hasattr(value, 'isoformat'): return value.strftime(spec)
    fill, align, at, end = ' ', '', 0, len(spec)
    if end > 1 and spec[1] in '<>=^': fill, align, at = spec[0], spec[1], 2
    elif spec[0] in '<>=^': align, at = spec[0], 1
    sign = alternate = separator = ''
    if at < end and spec[at] in '+- ': sign, at = spec[at], at + 1
    if at < end and spec[at] == 'z': at += 1
    if at < end and spec[at] == '#': alternate, at = '#', at + 1
    if at < end and spec[at] == '0':
        at += 1
        if not align: fill, align = '0', '='
    start = at
    while at < end and '0' <= spec[at] <= '9': at += 1
    width = int(spec[start:at] or 0)
    if at < end and spec[at] in ',_': separator, at = spec[at], at + 1
    precision = None
    if at < end and spec[at] == '.':
        start = at = at + 1
        while at < end and '0' <= spec[at] <= '9': at += 1
        if start == at: raise ValueError('Format specifier missing precision')
        precision = int(spec[start:at])
    kind = spec[at:]
    if len(kind) > 1: raise ValueError("Invalid format specifier '%s' for object of type '%s'" % (spec, type(value).__name__))
    before = ''
    if isinstance(value, str):
        if kind not in ('', 's'): raise _spec_error(kind, value)
        if align == '=' and fill == '0' and '=' not in spec: align = '<'
        if sign: raise ValueError('Sign not allowed in string format specifier')
        if align == '=': raise ValueError("'=' alignment not allowed in string format specifier")
        body = value if precision is None else value[:precision]
        align = align or '<'
    elif isinstance(value, int) and kind in ('', 'd', 'n', 'b', 'o', 'x', 'X', 'c'):
        if precision is not None: raise ValueError('Precision not allowed in integer format specifier')
        if value is True or value is False: value = 1 if value else 0
        size = 3
        if kind == 'c': body = chr(value)
        else:
            before = '-' if value < 0 else sign.replace('-', '')
            number = abs(value)
            if kind == 'b': body = bin(number)[2:]
            elif kind == 'o': body = oct(number)[2:]
            elif kind in ('x', 'X'): body = ('%' + kind) % number
            else: body = str(number)
            if kind in ('b', 'o', 'x', 'X'):
                size = 4
                if alternate: before += '0' + kind
            if separator: body = _zeros(body, before, separator, size, fill, align, width)
        align = align or '>'
    elif isinstance(value, (int, float)):
        if kind not in ('', 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%'): raise _spec_error(kind, value)
        value = float(value)
        text = str(value)
        before = '-' if text[0] == '-' else sign.replace('-', '')
        body = _float_digits(value, kind, precision, alternate)
        if separator:
            dot = 0
            while dot < len(body) and '0' <= body[dot] <= '9': dot += 1
            rest = body[dot:]
            body = _zeros(body[:dot], before, separator, 3, fill, align, width - len(rest)) + rest
        align = align or '>'
    else:
        raise TypeError('unsupported format string passed to ' + type(value).__name__ + '.__format__')
    room = width - len(before) - len(body)
    if room <= 0: return before + body
    if align == '<': return before + body + fill * room
    if align == '^': return fill * (room // 2) + before + body + fill * (room - room // 2)
    if align == '=': return before + fill * room + body
    return fill * room + before + body

def _zeros(digits, before, separator, size, fill, align, width):
    # Digits in groups; zeros that fill a width are grouped as well.
    text = _grouped(digits, separator, size)
    if fill == '0' and align == '=':
        while len(before) + len(text) < width:
            digits = '0' + digits
            text = _grouped(digits, separator, size)
            if len(before) + len(text) > width and text[0] == '0' and text[1:2] == separator: break
    return text

def _field(name, args, kwargs, counter):
    end = 0
    while end < len(name) and name[end] not in '.[': end += 1
    first = name[:end]
    if not first:
        if counter[0] is None: raise ValueError('cannot switch from manual field specification to automatic field numbering')
        value = args[counter[0]] if counter[0] < len(args) else _missing(counter[0])
        counter[0] += 1
    elif first[0].isdigit():
        if counter[0]: raise ValueError('cannot switch from automatic field numbering to manual field specification')
        counter[0] = None
        value = args[int(first)] if int(first) < len(args) else _missing(int(first))
    else: value = kwargs[first]
    while end < len(name):
        if name[end] == '.':
            start = end = end + 1
            while end < len(name) and name[end] not in '.[': end += 1
            value = getattr(value, name[start:end])
        else:
            close = name.find(']', end)
            if close < 0: raise ValueError("Missing ']' in format string")
            key, end = name[end + 1:close], close + 1
            value = value[int(key) if key.isdigit() else key]
    return value

def _missing(index):
    raise IndexError('Replacement index %d out of range for positional args tuple' % index)

def _ascii(value):
    return ''.join([char if char < '\x7f' else '\\x%02x' % ord(char) if char <= '\xff' else '\\u%04x' % ord(char)
                    if char <= '\uffff' else '\\U%08x' % ord(char) for char in repr(value)])

def _rendered(text, args, kwargs, counter):
    parts, at = [], 0
    while True:
        mark, close = text.find('{', at), text.find('}', at)
        if mark < 0 and close < 0:
            parts.append(text[at:])
            return ''.join(parts)
        if mark < 0 or 0 <= close < mark:
            if text[close + 1:close + 2] != '}': raise ValueError("Single '}' encountered in format string")
            parts.append(text[at:close + 1])
            at = close + 2
            continue
        parts.append(text[at:mark])
        if text[mark + 1:mark + 2] == '{':
            parts.append('{')
            at = mark + 2
            continue
        inner, close = text.find('{', mark + 1), text.find('}', mark + 1)
        while 0 <= inner < close:
            inner, close = text.find('{', inner + 1), text.find('}', close + 1)
        if close < 0: raise ValueError("expected '}' before end of string")
        name, at, how, spec = text[mark + 1:close], close + 1, '', ''
        stop = _end_of_name(name)
        if stop < len(name):
            rest = name[stop:]
            name = name[:stop]
            if rest[0] == '!': how, rest = rest[1:2], rest[2:]
            spec = rest[1:]
        if not name and counter[0] is not None and counter[0] < len(args):
            value = args[counter[0]]
            counter[0] += 1
        else: value = _field(name, args, kwargs, counter)
        if '{' in spec: spec = _rendered(spec, args, kwargs, counter)
        if how: value = repr(value) if how == 'r' else _ascii(value) if how == 'a' else str(value)
        parts.append(_format(value, spec))

def _end_of_name(field):
    # Where the format or the conversion begins; inside brackets neither does.
    if '[' not in field:
        colon, bang = field.find(':'), field.find('!')
        if colon < 0: colon = len(field)
        return bang if 0 <= bang < colon else colon
    at, inside = 0, False
    while at < len(field) and (inside or field[at] not in ':!'):
        inside = field[at] != ']' and (inside or field[at] == '[')
        at += 1
    return at

def _str_format(text, *args, **kwargs):
    if ':' in text or '!' in text or '[' in text or '.' in text: return _rendered(text, args, kwargs, [0])
    return _native_format(text, *args, **kwargs)

def _format_map(text, mapping):
    return _rendered(text, (), mapping, [0])

class _Template:
    # A literal text in front of %; see python-source.ts.
    def __init__(self, text):
        self.text = text

    def __mod__(self, values):
        text, parts, at, taken = self.text, [], 0, 0
        many = values if isinstance(values, tuple) else (values,)
        def following():
            nonlocal taken
            if taken >= len(many): raise TypeError('not enough arguments for format string')
            taken += 1
            return many[taken - 1]
        while at < len(text):
            mark = text.find('%', at)
            if mark < 0: mark = len(text)
            parts.append(text[at:mark])
            if mark >= len(text): break
            at = mark + 1
            value, named = None, False
            if text[at:at + 1] == '(':
                close = text.find(')', at)
                value, named, at, taken = values[text[at + 1:close]], True, close + 1, len(many)
            flags = width = precision = ''
            while text[at:at + 1] and text[at] in '-+ #0':
                flags += text[at]
                at += 1
            if text[at:at + 1] == '*': width, at = str(following()), at + 1
            while text[at:at + 1].isdigit():
                width += text[at]
                at += 1
            if text[at:at + 1] == '.':
                at += 1
                precision = '0'
                if text[at:at + 1] == '*': precision, at = str(following()), at + 1
                while text[at:at + 1].isdigit():
                    precision += text[at]
                    at += 1
            kind, at = text[at:at + 1], at + 1
            if not kind: raise ValueError('incomplete format')
            if kind == '%':
                parts.append('%')
                continue
            if not named: value = following()
            if kind in 'rsa':
                body = str(value) if kind == 's' else repr(value) if kind == 'r' else _ascii(value)
                if precision: body = body[:int(precision)]
            elif kind in 'fFeEgG':
                number = float(value)
                text_of = str(number)
                sign = '-' if text_of[0] == '-' else '+' if '+' in flags else ' ' if ' ' in flags else ''
                body = sign + _float_digits(number, kind, int(precision) if precision else None, '')
            elif kind in 'diuxXo':
                if isinstance(value, float) and kind in 'diu': value = int(value)
                if not isinstance(value, int):
                    raise TypeError('%' + kind + ' format: a real number is required, not ' + type(value).__name__)
                sign = '-' if value < 0 else '+' if '+' in flags else ' ' if ' ' in flags else ''
                number = abs(value)
                body = oct(number)[2:] if kind == 'o' else ('%' + kind) % number if kind in 'xX' else str(number)
                if precision: body = '0' * (int(precision) - len(body)) + body
                if '#' in flags and kind in 'xXo': sign += '0' + kind
                body = sign + body
            elif kind == 'c': body = value if isinstance(value, str) else chr(value)
            else: raise ValueError("unsupported format character '%s'" % kind)
            room = int(width or 0) - len(body)
            if room > 0:
                if '-' in flags: body += ' ' * room
                elif '0' in flags and kind not in 'rsac':
                    cut = 1 if body[:1] in '+- ' and body[:1] else 0
                    body = body[:cut] + '0' * room + body[cut:]
                else: body = ' ' * room + body
            parts.append(body)
        if taken < len(many) and not isinstance(values, dict):
            raise TypeError('not all arguments converted during string formatting')
        return ''.join(parts)

def _round(number, ndigits=None):
    if not isinstance(number, float): 
        if isinstance(number, int) and ndigits is not None and ndigits < 0:
            unit = 10 ** -ndigits
            low = number // unit * unit
            rest = number - low
            return low + unit if rest * 2 > unit or rest * 2 == unit and low // unit % 2 else low
        own = getattr(number, '__round__', None)
        if own: return own() if ndigits is None else own(ndigits)
        return _native_round(number) if ndigits is None else number
    if ndigits is None: return _native_round(number)
    if number - number != 0: return number
    if ndigits >= 0: return _native_float(_fixed(number, ndigits)) if ndigits < 23 else number
    return _native_float(_round(int(_fixed(number, 0)), ndigits))

_extend(str, dict(format=_str_format, format_map=_format_map))
builtins.format = _format
builtins.round = _round
builtins.ascii = _ascii
builtins.__template__ = _Template
`;

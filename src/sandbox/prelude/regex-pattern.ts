// Python's `re`, first half: reading a pattern and making the program that regex.ts runs. Patterns are on characters of any script, with
// names, flags, counts, look-around and back references.

export const REGEX_PATTERN = String.raw`
class _ReError(Exception):
    def __init__(self, msg, pattern=None, pos=None):
        super().__init__(msg if pos is None else '%s at position %d' % (msg, pos))
        self.msg, self.pattern, self.pos = msg, pattern, pos

_I, _M, _S, _X, _A = 2, 8, 16, 64, 256

def _bitmap(*ranges):
    bits = bytearray(128)
    for low, high in ranges:
        for code in range(low, high + 1): bits[code] = 1
    return bits

_DIGIT = _bitmap((48, 57))
_WORD = _bitmap((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE = _bitmap((9, 13), (28, 32))

def _beyond_digit(char): return _digit(char) is not None
def _beyond_word(char): return _is_letter(char) or _isnumeric(char)
def _beyond_space(char): return char in _WHITE
def _never(char): return False

_CLASSES = {'d': (_DIGIT, _beyond_digit), 'w': (_WORD, _beyond_word), 's': (_SPACE, _beyond_space)}

class _Set:
    # Which characters pass: a map of ASCII, and for the others ranges and tests.
    def __init__(self):
        self.bits, self.ranges, self.tests, self.negated = bytearray(128), [], [], False

    def add(self, low, high, ignore):
        first, last = ord(low), ord(high)
        for code in range(first, min(last, 127) + 1): self.bits[code] = 1
        if last > 127: self.ranges.append((max(first, 128), last))
        if not ignore: return
        if last - first > 400: return
        for code in range(first, last + 1):
            char = chr(code)
            for other in (_lower(char), _upper(char)):
                if other != char and len(other) == 1: self.add(other, other, False)

    def add_class(self, letter, ascii_only):
        bits, test = _CLASSES[letter.lower()]
        negative = letter < 'a'
        for code in range(128):
            if bits[code] != negative: self.bits[code] = 1
        if ascii_only: test = _never
        self.tests.append((test, negative))

    def negate(self):
        self.negated = True
        for code in range(128): self.bits[code] = 1 - self.bits[code]

    def has(self, char):
        code = ord(char)
        if code < 128: return self.bits[code]
        for low, high in self.ranges:
            if low <= code <= high: return not self.negated
        for test, negative in self.tests:
            if test(char) != negative: return not self.negated
        return self.negated

_ANY = _Set()
_ANY.add_class('s', True)
_ANY.add_class('S', True)
_LINE = _Set()
_LINE.add('\n', '\n', False)
_LINE.negate()

def _class_set(letter, ascii_only):
    made = _Set()
    made.add_class(letter, ascii_only)
    return made

_KNOWN = {(letter, flag): _class_set(letter, flag) for letter in 'dDwWsS' for flag in (False, True)}
_ESCAPES = {'n': '\n', 't': '\t', 'r': '\r', 'f': '\x0c', 'v': '\x0b', 'a': '\x07', '0': '\0'}

class _Parser:
    def __init__(self, pattern, flags):
        self.text, self.at, self.flags, self.groups, self.names = pattern, 0, flags, 0, {}

    def fail(self, message, at=None):
        raise _ReError(message, self.text, self.at if at is None else at)

    def peek(self):
        return self.text[self.at:self.at + 1]

    def eat(self, what):
        if self.text.startswith(what, self.at):
            self.at += len(what)
            return True
        return False

    def until(self, mark, message):
        end = self.text.find(mark, self.at)
        if end < 0: self.fail(message)
        found, self.at = self.text[self.at:end], end + len(mark)
        return found

    def number(self):
        start = self.at
        while '0' <= (self.peek() or 'x') <= '9': self.at += 1
        return int(self.text[start:self.at]) if self.at > start else None

    def either(self):
        branches = [self.sequence()]
        while self.eat('|'): branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else ('alt', branches)

    def sequence(self):
        items = []
        while self.peek() not in ('', '|', ')'):
            if self.flags & _X:
                if self.peek() in ' \t\n\r\x0b\x0c':
                    self.at += 1
                    continue
                if self.eat('#'):
                    end = self.text.find('\n', self.at)
                    self.at = len(self.text) if end < 0 else end
                    continue
            start = self.at
            item = self.atom()
            if item is not None: items.append(self.repeated(item, start))
        return ('cat', items)

    def repeated(self, item, start):
        while True:
            before, char = self.at, self.peek()
            if char == '*': low, high = 0, None
            elif char == '+': low, high = 1, None
            elif char == '?': low, high = 0, 1
            elif char == '{':
                self.at += 1
                low = self.number()
                high = low
                if self.eat(','): low, high = low or 0, self.number()
                if low is None or self.peek() != '}':
                    self.at = before
                    return item
                if high is not None and high < low: self.fail('min repeat greater than max repeat', start)
                if low > 1000 or high is not None and high > 1000: self.fail('the repetition number is too large', start)
            else: return item
            if item[0] == 'rep': self.fail('multiple repeat', before)
            if item[0] == 'at': self.fail('nothing to repeat', before)
            self.at += 1
            lazy = self.eat('?')
            if self.peek() == '+': self.fail('possessive counts are not supported')
            item = ('rep', item, low, high, not lazy)

    def literal(self, char):
        if self.flags & _I and (_lower(char) != char or _upper(char) != char):
            made = _Set()
            made.add(char, char, True)
            return ('set', made)
        return ('char', char)

    def atom(self):
        char = self.peek()
        self.at += 1
        if char == '.': return ('set', _ANY if self.flags & _S else _LINE)
        if char == '^': return ('at', 'line' if self.flags & _M else 'start')
        if char == '$': return ('at', 'eol' if self.flags & _M else 'end')
        if char == '[': return ('set', self.characters())
        if char == '(': return self.group()
        if char in '*+?': self.fail('nothing to repeat', self.at - 1)
        return self.escape() if char == '\\' else self.literal(char)

    def code(self, letter):
        size = {'x': 2, 'u': 4, 'U': 8}[letter]
        digits = self.text[self.at:self.at + size]
        if len(digits) < size: self.fail('incomplete escape \\' + letter)
        self.at += size
        try: return chr(int(digits, 16))
        except ValueError: self.fail('incomplete escape \\' + letter)

    def escape(self):
        letter = self.peek()
        if not letter: self.fail('bad escape (end of pattern)', self.at - 1)
        if '1' <= letter <= '9':
            number = self.number()
            if number > self.groups: self.fail('invalid group reference %d' % number)
            return ('ref', number)
        self.at += 1
        if letter in 'dDwWsS': return ('set', _KNOWN[letter, bool(self.flags & _A)])
        if letter in 'AbBZ': return ('at', letter)
        if letter in 'xuU': return self.literal(self.code(letter))
        if letter in _ESCAPES: return ('char', _ESCAPES[letter])
        if 'a' <= letter <= 'z' or 'A' <= letter <= 'Z': self.fail('bad escape \\' + letter, self.at - 2)
        return self.literal(letter)

    def characters(self):
        made, ignore, start, first = _Set(), self.flags & _I, self.at - 1, True
        negated = self.eat('^')
        while first or self.peek() != ']':
            first = False
            low = self.member(made)
            if low is None: continue
            if self.peek() == '-' and self.text[self.at + 1:self.at + 2] not in ('', ']'):
                self.at += 1
                high = self.member(made)
                if high is None or high < low: self.fail('bad character range', start)
                made.add(low, high, ignore)
            else: made.add(low, low, ignore)
            if not self.peek(): self.fail('unterminated character set', start)
        self.at += 1
        if negated: made.negate()
        return made

    def member(self, made):
        # A character, or None when a class was added.
        char = self.peek()
        if not char: self.fail('unterminated character set')
        self.at += 1
        if char != '\\': return char
        letter = self.peek()
        self.at += 1
        if letter and letter in 'dDwWsS':
            made.add_class(letter, self.flags & _A)
            return None
        if letter and letter in 'xuU': return self.code(letter)
        return '\b' if letter == 'b' else _ESCAPES.get(letter, letter)

    def group(self):
        number = None
        if self.eat('?'):
            if self.eat('#'):
                self.until(')', 'missing ), unterminated comment')
                return None
            if self.eat('P<'): number = self.name(self.until('>', 'missing >, unterminated name'))
            elif self.eat('P='):
                name = self.until(')', 'missing ), unterminated name')
                if name not in self.names: self.fail("unknown group name '%s'" % name)
                return ('ref', self.names[name])
            elif self.eat(':'): pass
            elif self.eat('='): return self.look(False, False)
            elif self.eat('!'): return self.look(True, False)
            elif self.eat('<='): return self.look(False, True)
            elif self.eat('<!'): return self.look(True, True)
            else:
                before, added, removed, minus = self.flags, 0, 0, False
                while self.peek() and self.peek() in 'imsxaLu-':
                    letter = self.peek()
                    self.at += 1
                    if letter == '-': minus = True
                    else:
                        bit = {'i': _I, 'm': _M, 's': _S, 'x': _X, 'a': _A}.get(letter, 0)
                        if minus: removed |= bit
                        else: added |= bit
                self.flags = (before | added) & ~removed
                if self.eat(')'): return None
                if not self.eat(':'): self.fail('unknown extension ?' + self.peek())
                inner = self.closed()
                self.flags = before
                return inner
        else:
            self.groups += 1
            number = self.groups
        inner = self.closed()
        return inner if number is None else ('group', number, inner)

    def name(self, name):
        if not _isidentifier(name): self.fail("bad character in group name '%s'" % name)
        if name in self.names: self.fail("redefinition of group name '%s'" % name)
        self.groups += 1
        self.names[name] = self.groups
        return self.groups

    def closed(self):
        start = self.at
        inner = self.either()
        if not self.eat(')'): self.fail('missing ), unterminated subpattern', start - 1)
        return inner

    def look(self, negative, behind):
        inner = self.closed()
        width = 0
        if behind:
            width = _width(inner)
            if width is None: raise _ReError('look-behind requires fixed-width pattern')
        return ('look', inner, negative, width if behind else None)

def _width(node):
    kind = node[0]
    if kind in ('char', 'set'): return 1
    if kind in ('at', 'look'): return 0
    if kind == 'group': return _width(node[2])
    if kind == 'cat' or kind == 'alt':
        widths = []
        for item in node[1]: widths.append(_width(item))
        if None in widths: return None
        if kind == 'cat': return sum(widths)
        return widths[0] if min(widths) == max(widths) else None
    if kind == 'rep' and node[2] == node[3]:
        width = _width(node[1])
        return None if width is None else width * node[2]
    return None

# The machine: CHAR c, SET s, RUN (s, low, high, greedy), SPLIT (first, second), JUMP to, SAVE slot, AT kind, LOOK, REF n, MARK slot, MOVED slot, END.
_CHAR, _SET, _RUN, _SPLIT, _JUMP, _SAVE, _AT, _LOOK, _REF, _MARK, _MOVED, _END = range(12)

class _Compiler:
    def __init__(self, groups, ignore):
        self.code, self.slots, self.ignore = [], 2 * groups + 2, ignore

    def put(self, op, argument=None):
        if len(self.code) > 20000: raise _ReError('the pattern is too large')
        self.code.append((op, argument))
        return len(self.code) - 1

    def node(self, node):
        kind = node[0]
        if kind == 'char': self.put(_CHAR, node[1])
        elif kind == 'set': self.put(_SET, node[1])
        elif kind == 'cat':
            for item in node[1]: self.node(item)
        elif kind == 'alt':
            ends = []
            for branch in node[1][:-1]:
                split = self.put(_SPLIT)
                self.node(branch)
                ends.append(self.put(_JUMP))
                self.code[split] = (_SPLIT, (split + 1, len(self.code)))
            self.node(node[1][-1])
            for end in ends: self.code[end] = (_JUMP, len(self.code))
        elif kind == 'group':
            self.put(_SAVE, 2 * node[1])
            self.node(node[2])
            self.put(_SAVE, 2 * node[1] + 1)
        elif kind == 'at': self.put(_AT, node[1])
        elif kind == 'ref': self.put(_REF, node[1])
        elif kind == 'look':
            part = _Compiler(0, self.ignore)
            part.slots = self.slots
            part.node(node[1])
            part.put(_END)
            self.slots = part.slots
            self.put(_LOOK, (part.code, node[2], node[3]))
        else: self.repeat(node)

    def repeat(self, node):
        _, item, low, high, greedy = node
        if item[0] in ('char', 'set'):
            one = item[1]
            if item[0] == 'char':
                one = _Set()
                one.add(item[1], item[1], False)
            self.put(_RUN, (one, low, high, greedy))
            return
        for _ in range(low): self.node(item)
        def split(first, second): return (_SPLIT, (first, second) if greedy else (second, first))
        if high is None:
            slot, self.slots = self.slots, self.slots + 1
            loop = self.put(_SPLIT)
            self.put(_MARK, slot)
            self.node(item)
            self.put(_MOVED, slot)
            self.put(_JUMP, loop)
            self.code[loop] = split(loop + 1, len(self.code))
            return
        splits = []
        for _ in range(high - low):
            splits.append(self.put(_SPLIT))
            self.node(item)
        for at in splits: self.code[at] = split(at + 1, len(self.code))
`;

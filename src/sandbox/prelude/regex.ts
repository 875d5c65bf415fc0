// Python's `re`, second half: a backtracking machine with a stack of its own, so that neither a long text nor a bad pattern reaches the
// interpreter's (the meter ends the bad one), and the module around it. Programs come from regex-pattern.ts.

export const REGEX = String.raw`
def _is_word(chars, at):
    if at < 0 or at >= len(chars): return False
    char = chars[at]
    return _WORD[ord(char)] == 1 if char < '\x80' else _beyond_word(char)

def _holds(kind, chars, at):
    size = len(chars)
    if kind == 'b': return _is_word(chars, at - 1) != _is_word(chars, at)
    if kind == 'end': return at == size or at == size - 1 and chars[at] == '\n'
    if kind == 'start' or kind == 'A': return at == 0
    if kind == 'line': return at == 0 or chars[at - 1] == '\n'
    if kind == 'eol': return at == size or chars[at] == '\n'
    if kind == 'Z': return at == size
    return _is_word(chars, at - 1) == _is_word(chars, at)

def _machine(code, chars, at, slots, ignore, whole, floor=-1):
    # The slots of a match that begins at 'at' and does not end at 'floor', or None. Stack entries: where to go on, from where, with which slots and, for a run
    # of single characters, how far it may still give back or take.
    size, stack, pc = len(chars), [], 0
    while True:
        op, argument = code[pc]
        pc += 1
        good = True
        if op == _CHAR:
            good = at < size and chars[at] == argument
            at += 1
        elif op == _SET:
            good = at < size and argument.has(chars[at])
            at += 1
        elif op == _RUN:
            one, low, high, greedy = argument
            stop = size if high is None else min(size, at + high)
            if greedy:
                end, bits = at, one.bits
                while end < stop:
                    char = chars[end]
                    if not (bits[ord(char)] if char < '\x80' else one.has(char)): break
                    end += 1
                good = end - at >= low
                if end - at > low and good: stack.append((pc, end - 1, slots, at + low))
                at = end
            else:
                end, need = at, at + low
                while end < need and end < size and one.has(chars[end]): end += 1
                good = end == need
                if good and end < stop: stack.append((pc, end, slots, (one, stop)))
                at = end
        elif op == _SPLIT:
            stack.append((argument[1], at, slots, None))
            pc = argument[0]
        elif op == _JUMP: pc = argument
        elif op == _SAVE or op == _MARK:
            slots = slots[:]
            slots[argument] = at
        elif op == _MOVED: good = slots[argument] != at
        elif op == _AT: good = _holds(argument, chars, at)
        elif op == _REF:
            start, end = slots[2 * argument], slots[2 * argument + 1]
            good = end is not None
            if good:
                for index in range(start, end):
                    if at >= size or chars[at] != chars[index] and not (ignore and _lower(chars[at]) == _lower(chars[index])):
                        good = False
                        break
                    at += 1
        elif op == _LOOK:
            part, negative, behind = argument
            start = at if behind is None else at - behind
            found = _machine(part, chars, start, slots, ignore, False) if start >= 0 else None
            if found and not negative: slots = found[:]
            good = (found is None) == negative
        elif at != floor and (not whole or at == size):
            slots = slots[:]
            slots[1] = at
            return slots
        else: good = False
        if good: continue
        while True:
            if not stack: return None
            pc, at, slots, rest = stack.pop()
            if rest is None: break
            if isinstance(rest, tuple):
                if not rest[0].has(chars[at]): continue
                at += 1
                if at < rest[1]: stack.append((pc, at, slots, rest))
            elif at > rest: stack.append((pc, at - 1, slots, rest))
            break

class _Match:
    def __init__(self, pattern, string, slots, pos):
        self.re, self.string, self.pos, self.endpos, self._slots = pattern, string, pos, len(string), slots

    def _number(self, group):
        if isinstance(group, str):
            if group not in self.re.groupindex: raise IndexError('no such group')
            return self.re.groupindex[group]
        if not 0 <= group <= self.re.groups: raise IndexError('no such group')
        return group

    def span(self, group=0):
        at = 2 * self._number(group)
        return (-1, -1) if self._slots[at + 1] is None else (self._slots[at], self._slots[at + 1])

    def start(self, group=0): return self.span(group)[0]
    def end(self, group=0): return self.span(group)[1]

    def _one(self, group, default=None):
        start, end = self.span(group)
        return default if end < 0 else self.string[start:end]

    def group(self, *groups):
        if len(groups) > 1: return tuple([self._one(group) for group in groups])
        return self._one(groups[0] if groups else 0)

    def __getitem__(self, group): return self._one(group)
    def groups(self, default=None): return tuple([self._one(number + 1, default) for number in range(self.re.groups)])
    def groupdict(self, default=None): return {name: self._one(number, default) for name, number in self.re.groupindex.items()}
    def expand(self, template): return _expanded(_template(template, self.re), self)

    @property
    def lastindex(self):
        last = None
        for number in range(1, self.re.groups + 1):
            if self._slots[2 * number + 1] is not None and (last is None or self._slots[2 * number + 1] >= self._slots[2 * last + 1]): last = number
        return last

    def __repr__(self):
        return '<re.Match object; span=%r, match=%r>' % (self.span(), self.group())

def _template(text, pattern):
    # Literal texts and numbers of groups.
    parts, at = [], 0
    while at < len(text):
        slash = text.find('\\', at)
        if slash < 0: slash = len(text)
        if slash > at: parts.append(text[at:slash])
        if slash == len(text): break
        letter, at = text[slash + 1:slash + 2], slash + 2
        if letter == 'g':
            close = text.find('>', at)
            if text[at:at + 1] != '<' or close < 0: raise _ReError('missing group name')
            name, at = text[at + 1:close], close + 1
            number = int(name) if name.isdigit() else pattern.groupindex.get(name)
            if number is None: raise IndexError("unknown group name '%s'" % name)
        elif letter and '1' <= letter <= '9':
            number = int(letter)
            if text[at:at + 1].isdigit(): number, at = 10 * number + int(text[at]), at + 1
        else:
            if letter and (letter not in _ESCAPES and ('a' <= letter <= 'z' or 'A' <= letter <= 'Z')): raise _ReError('bad escape \\' + letter)
            parts.append(_ESCAPES.get(letter, '\\' + letter if letter != '\\' else '\\'))
            continue
        if number > pattern.groups: raise _ReError('invalid group reference %d' % number)
        parts.append(number)
    return parts

def _expanded(parts, match):
    return ''.join([part if isinstance(part, str) else match._one(part, '') for part in parts])

class _Pattern:
    def __init__(self, pattern, flags):
        if not isinstance(pattern, str): raise TypeError('patterns are str here, not ' + type(pattern).__name__)
        parser = _Parser(pattern, flags)
        tree = parser.either()
        if parser.at < len(pattern): parser.fail('unbalanced parenthesis')
        self.pattern, self.flags, self.groups, self.groupindex = pattern, parser.flags | 32, parser.groups, parser.names
        compiler = _Compiler(parser.groups, parser.flags & _I)
        compiler.node(tree)
        compiler.put(_END)
        self._code, self._blank = compiler.code, [None] * compiler.slots

    def __repr__(self): return 're.compile(%r)' % self.pattern

    def _at(self, string, chars, at, pos, whole=False, floor=-1):
        blank = self._blank[:]
        blank[0] = at
        slots = _machine(self._code, chars, at, blank, self.flags & _I, whole, floor)
        return slots and _Match(self, string, slots, pos)

    def _find(self, string, chars, pos, floor=-1):
        op, argument = self._code[0]
        size = len(chars)
        at = pos
        while at <= size:
            if op == _CHAR:
                at = string.find(argument, at)
                if at < 0: return None
            elif op == _SET or op == _RUN and argument[1]:
                one = argument if op == _SET else argument[0]
                bits = one.bits
                while at < size:
                    char = chars[at]
                    if bits[ord(char)] if char < '\x80' else one.has(char): break
                    at += 1
                if at >= size: return None
            found = self._at(string, chars, at, pos, False, floor)
            if found: return found
            if op == _AT and argument in ('start', 'A'): return None
            at += 1

    def _cut(self, string, pos, endpos):
        if not isinstance(string, str): raise TypeError("expected string, got '%s'" % type(string).__name__)
        if endpos is not None and endpos < len(string): string = string[:max(endpos, 0)]
        return string, string if _is_ascii(string) else list(string), max(pos, 0)

    def match(self, string, pos=0, endpos=None):
        string, chars, pos = self._cut(string, pos, endpos)
        return self._at(string, chars, pos, pos) if pos <= len(chars) else None

    def fullmatch(self, string, pos=0, endpos=None):
        string, chars, pos = self._cut(string, pos, endpos)
        return self._at(string, chars, pos, pos, True) if pos <= len(chars) else None

    def search(self, string, pos=0, endpos=None):
        string, chars, pos = self._cut(string, pos, endpos)
        return self._find(string, chars, pos)

    def finditer(self, string, pos=0, endpos=None):
        string, chars, pos = self._cut(string, pos, endpos)
        floor = -1
        while True:
            found = self._find(string, chars, pos, floor)
            if not found: return
            yield found
            pos = found.end()
            # After an empty match the next one here must not be empty as well.
            floor = pos if found.start() == pos else -1

    def findall(self, string, pos=0, endpos=None):
        found = []
        for match in self.finditer(string, pos, endpos):
            found.append(match.group() if not self.groups else match._one(1, '') if self.groups == 1 else match.groups(''))
        return found

    def split(self, string, maxsplit=0):
        parts, at = [], 0
        for match in self.finditer(string):
            if maxsplit and len(parts) // (self.groups + 1) >= maxsplit: break
            parts.append(string[at:match.start()])
            parts.extend(match.groups())
            at = match.end()
        parts.append(string[at:])
        return parts

    def subn(self, repl, string, count=0):
        parts, at, done = [], 0, 0
        template = None if callable(repl) else _template(repl, self)
        for match in self.finditer(string):
            if count and done >= count: break
            parts.append(string[at:match.start()])
            parts.append(repl(match) if template is None else _expanded(template, match))
            at = match.end()
            done += 1
        parts.append(string[at:])
        return ''.join(parts), done

    def sub(self, repl, string, count=0): return self.subn(repl, string, count)[0]

_patterns = {}

def _compiled(pattern, flags=0):
    if isinstance(pattern, _Pattern): return pattern
    found = _patterns.get((pattern, flags))
    if not found:
        if len(_patterns) >= 50: _patterns.clear()
        found = _patterns[pattern, flags] = _Pattern(pattern, flags)
    return found

def _escape(text):
    return ''.join(['\\' + char if char in '()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c' else char for char in text])

_new_module('re', dict(
    compile=_compiled, escape=_escape, error=_ReError, PatternError=_ReError, Pattern=_Pattern, Match=_Match, purge=_patterns.clear,
    I=_I, IGNORECASE=_I, M=_M, MULTILINE=_M, S=_S, DOTALL=_S, X=_X, VERBOSE=_X, A=_A, ASCII=_A, U=32, UNICODE=32, NOFLAG=0,
    match=lambda pattern, string, flags=0: _compiled(pattern, flags).match(string),
    fullmatch=lambda pattern, string, flags=0: _compiled(pattern, flags).fullmatch(string),
    search=lambda pattern, string, flags=0: _compiled(pattern, flags).search(string),
    findall=lambda pattern, string, flags=0: _compiled(pattern, flags).findall(string),
    finditer=lambda pattern, string, flags=0: _compiled(pattern, flags).finditer(string),
    split=lambda pattern, string, maxsplit=0, flags=0: _compiled(pattern, flags).split(string, maxsplit),
    sub=lambda pattern, repl, string, count=0, flags=0: _compiled(pattern, flags).sub(repl, string, count),
    subn=lambda pattern, repl, string, count=0, flags=0: _compiled(pattern, flags).subn(repl, string, count)))
`;

// Collections and what works on them: collections, itertools, functools, operator, heapq, bisect, json, and the built-in functions whose
// arguments the interpreter knows only in part.

export const CONTAINERS = String.raw`
import collections, functools, itertools, operator

_native_isinstance, _native_zip, _native_reversed = isinstance, zip, reversed

def _isinstance(value, kinds):
    if value is True or value is False:
        for kind in kinds if type(kinds) is tuple else (kinds,):
            if kind is int: return True
    return _native_isinstance(value, kinds)

def _zip(*items, strict=False):
    if not strict: return _native_zip(*items)
    lists = [list(item) for item in items]
    for index, one in enumerate(lists):
        if len(one) != len(lists[0]):
            raise ValueError('zip() argument %d is %s than argument 1' % (index + 1, 'longer' if len(one) > len(lists[0]) else 'shorter'))
    return _native_zip(*lists)

def _reversed(items):
    return _native_reversed(list(items) if isinstance(items, dict) or hasattr(items, 'popitem') else items)

builtins.isinstance, builtins.zip, builtins.reversed = _isinstance, _zip, _reversed

_native_sort = list.sort

def _sorted(iterable, *, key=None, reverse=False):
    # The interpreter's own sort is not stable: equal keys are told apart by their place. It compares with > as well, which not everything
    # has that < can compare.
    items = list(iterable)
    keys = items if key is None else [key(item) for item in items]
    for one in keys:
        if type(one) not in (int, str, float, bool, tuple, list, bytes): return _merge_sorted(items, keys, reverse)
    marked = [(one, -at if reverse else at) for at, one in enumerate(keys)]
    _native_sort(marked, reverse=bool(reverse))
    return [items[-at if reverse else at] for _, at in marked]

def _merge_sorted(items, keys, reverse):
    order, size, count = list(range(len(items))), 1, len(items)
    while size < count:
        merged = []
        for start in range(0, count, 2 * size):
            left, middle = start, min(start + size, count)
            right, end = middle, min(start + 2 * size, count)
            while left < middle and right < end:
                first, second = keys[order[left]], keys[order[right]]
                if (first < second) if reverse else (second < first):
                    merged.append(order[right])
                    right += 1
                else:
                    merged.append(order[left])
                    left += 1
            merged.extend(order[left:middle])
            merged.extend(order[right:end])
        order, size = merged, 2 * size
    return [items[at] for at in order]

def _sort(self, *, key=None, reverse=False):
    self[:] = _sorted(self, key=key, reverse=reverse)

builtins.sorted = _sorted
_extend(list, dict(sort=_sort))

# Displays with stars in them; see python-source.ts.
def _merge(*parts):
    merged = {}
    for part in parts: merged.update(part)
    return merged

builtins.__list__ = lambda *items: list(items)
builtins.__set__ = lambda *items: set(items)
builtins.__tuple__ = lambda *items: items
builtins.__merge__ = _merge

def _dict(*args, **kwargs):
    if args and type(args[0]) is not dict and hasattr(args[0], 'items'): args = (list(args[0].items()),)
    return dict(*args, **kwargs)

_native_dict_update = dict.update
def _dict_update(self, *args, **kwargs):
    if args and type(args[0]) is not dict and hasattr(args[0], 'items'): args = (list(args[0].items()),)
    _native_dict_update(self, *args, **kwargs)

_extend(dict, dict(update=_dict_update))
builtins.__dict__ = _dict

_native_union = set.union
def _union(self, *others):
    result = self.copy()
    for other in others: result = _native_union(result, other)
    return result

_extend(set, dict(union=_union))

class _Counter(dict):
    def __init__(self, items=None, **counts):
        super().__init__()
        self.update(items, **counts)

    def update(self, items=None, **counts):
        if isinstance(items, dict) or isinstance(items, _Counter):
            for key, count in items.items(): self[key] = self[key] + count
        elif items is not None:
            for item in items: self[item] = self[item] + 1
        for key, count in counts.items(): self[key] = self[key] + count

    def subtract(self, items=None, **counts):
        if isinstance(items, dict) or isinstance(items, _Counter):
            for key, count in items.items(): self[key] = self[key] - count
        elif items is not None:
            for item in items: self[item] = self[item] - 1

    def __getitem__(self, key):
        return self.get(key, 0)

    def most_common(self, n=None):
        items = sorted(self.items(), key=lambda item: item[1], reverse=True)
        return items if n is None else items[:n]

    def elements(self):
        for key, count in self.items():
            for _ in range(count): yield key

    def total(self): return sum(self.values())
    def copy(self): return _Counter(self)

    def __add__(self, other): return self._with(other, lambda a, b: a + b)
    def __sub__(self, other): return self._with(other, lambda a, b: a - b)
    def __or__(self, other): return self._with(other, max)
    def __and__(self, other): return self._with(other, min)

    def _with(self, other, combine):
        result = _Counter()
        for key in list(self) + [key for key in other if key not in self]:
            count = combine(self.get(key, 0), other.get(key, 0))
            if count > 0: result[key] = count
        return result

    def __repr__(self):
        return 'Counter({' + ', '.join(['%r: %r' % item for item in self.most_common()]) + '})' if self else 'Counter()'

class _defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __getitem__(self, key):
        if key in self: return super().__getitem__(key)
        if self.default_factory is None: raise KeyError(key)
        value = self[key] = self.default_factory()
        return value

    def copy(self): return _defaultdict(self.default_factory, self)

    def __repr__(self):
        return 'defaultdict(%r, {%s})' % (self.default_factory, ', '.join(['%r: %r' % item for item in self.items()]))

_native_namedtuple = collections.namedtuple

def _namedtuple(typename, field_names, rename=False, defaults=(), module=None):
    names = field_names.replace(',', ' ').split() if isinstance(field_names, str) else list(field_names)
    base = _native_namedtuple(typename, tuple(names))
    values = defaults and dict(_native_zip(names[-len(defaults):], defaults))
    def make(*args, **kwargs):
        for name in names[len(args):]:
            if name not in kwargs and name in values: kwargs[name] = values[name]
        return base(*args, **kwargs)
    return make if defaults else base

class _Deque:
    def __init__(self, iterable=(), maxlen=None):
        self._items, self.maxlen = [], maxlen
        self.extend(iterable)

    def _cut(self, left):
        if self.maxlen is None: return
        while len(self._items) > self.maxlen: self._items.pop(-1 if left else 0)

    def append(self, item):
        self._items.append(item)
        self._cut(False)

    def appendleft(self, item):
        self._items.insert(0, item)
        self._cut(True)

    def extend(self, items):
        for item in items: self.append(item)

    def extendleft(self, items):
        for item in items: self.appendleft(item)

    def _some(self):
        if not self._items: raise IndexError('pop from an empty deque')
        return self._items

    def pop(self): return self._some().pop()
    def popleft(self): return self._some().pop(0)
    def clear(self): self._items.clear()
    def copy(self): return _Deque(self._items, self.maxlen)
    def count(self, item): return self._items.count(item)
    def index(self, item): return self._items.index(item)
    def remove(self, item): self._items.remove(item)
    def reverse(self): self._items.reverse()

    def rotate(self, n=1):
        if self._items:
            n %= len(self._items)
            self._items[:] = self._items[len(self._items) - n:] + self._items[:len(self._items) - n]

    def __len__(self): return len(self._items)
    def __iter__(self): return iter(self._items)
    def __getitem__(self, at): return self._items[at]
    def __setitem__(self, at, value): self._items[at] = value
    def __contains__(self, item): return item in self._items
    def __eq__(self, other): return isinstance(other, _Deque) and self._items == other._items
    def __repr__(self): return 'deque(%r%s)' % (self._items, '' if self.maxlen is None else ', maxlen=%d' % self.maxlen)

class _OrderedDict(dict):
    def move_to_end(self, key, last=True):
        value = self.pop(key)
        rest = [] if last else list(self.items())
        if not last: self.clear()
        self[key] = value
        for name, item in rest: self[name] = item

    def popitem(self, last=True):
        if last: return super().popitem()
        key = next(iter(self))
        return key, self.pop(key)

    def __repr__(self):
        return 'OrderedDict(%s)' % ('[' + ', '.join(['%r' % (item,) for item in self.items()]) + ']' if self else '')

_Counter.__str__, _defaultdict.__str__, _OrderedDict.__str__ = _Counter.__repr__, _defaultdict.__repr__, _OrderedDict.__repr__

class _ChainMap:
    def __init__(self, *maps): self.maps = list(maps) or [{}]
    def __getitem__(self, key):
        for one in self.maps:
            if key in one: return one[key]
        raise KeyError(key)
    def get(self, key, default=None): return self[key] if key in self else default
    def __contains__(self, key): return any([key in one for one in self.maps])
    def __iter__(self): return iter(_merge(*self.maps[::-1]))
    def __len__(self): return len(_merge(*self.maps[::-1]))
    def items(self): return _merge(*self.maps[::-1]).items()

for _name, _kind in (('Counter', _Counter), ('defaultdict', _defaultdict), ('OrderedDict', _OrderedDict), ('deque', _Deque),
                     ('ChainMap', _ChainMap), ('namedtuple', _namedtuple)):
    setattr(collections, _name, _kind)

def _groupby(iterable, key=None):
    # Each group is ready when it is given.
    group, last, any_yet = [], None, False
    for item in iterable:
        this = item if key is None else key(item)
        if any_yet and this != last:
            yield last, iter(group)
            group = []
        group.append(item)
        last, any_yet = this, True
    if any_yet: yield last, iter(group)

def _product(*iterables, repeat=1):
    results = [()]
    for pool in [tuple(pool) for pool in iterables] * repeat:
        results = [result + (item,) for result in results for item in pool]
    return iter(results)

def _choose(pool, size, again, ordered):
    if size == 0:
        yield ()
        return
    for at in range(len(pool)):
        if ordered: rest = pool[:at] + pool[at + 1:]
        else: rest = pool[at:] if again else pool[at + 1:]
        for more in _choose(rest, size - 1, again, ordered): yield (pool[at],) + more

def _accumulate(iterable, func=None, initial=None):
    items = iter(iterable)
    if initial is None:
        try: total = next(items)
        except StopIteration: return
    else: total = initial
    yield total
    for item in items:
        total = total + item if func is None else func(total, item)
        yield total

def _takewhile(predicate, iterable):
    for item in iterable:
        if not predicate(item): return
        yield item

def _dropwhile(predicate, iterable):
    dropping = True
    for item in iterable:
        dropping = dropping and predicate(item)
        if not dropping: yield item

def _zip_longest(*iterables, fillvalue=None):
    lists = [list(items) for items in iterables]
    for at in range(max([len(one) for one in lists]) if lists else 0):
        yield tuple([one[at] if at < len(one) else fillvalue for one in lists])

def _pairwise(iterable):
    items = list(iterable)
    return _native_zip(items, items[1:])

class _chain:
    def __new__(cls, *iterables): return _chained(iterables)
    @staticmethod
    def from_iterable(iterables): return _chained(iterables)

def _chained(iterables):
    for items in iterables:
        for item in items: yield item

def _count(start=0, step=1):
    while True:
        yield start
        start += step

def _compress(data, selectors):
    return iter([item for item, chosen in _native_zip(data, selectors) if chosen])

def _batched(iterable, n):
    items = list(iterable)
    for at in range(0, len(items), n): yield tuple(items[at:at + n])

for _name, _kind in dict(
    groupby=_groupby, product=_product, chain=_chain, accumulate=_accumulate, takewhile=_takewhile, dropwhile=_dropwhile,
    zip_longest=_zip_longest, pairwise=_pairwise, count=_count, compress=_compress, batched=_batched,
    combinations=lambda iterable, r: _choose(tuple(iterable), r, False, False),
    combinations_with_replacement=lambda iterable, r: _choose(tuple(iterable), r, True, False),
    permutations=lambda iterable, r=None: (lambda pool: _choose(pool, len(pool) if r is None else r, False, True))(tuple(iterable)),
    filterfalse=lambda predicate, iterable: iter([item for item in iterable if not (predicate(item) if predicate else item)]),
).items(): setattr(itertools, _name, _kind)

def _partial(func, *args, **kwargs):
    def call(*more, **named): return func(*args, *more, **_merge(kwargs, named))
    return call

def _lru_cache(maxsize=128, typed=False):
    def wrap(func):
        known = {}
        def call(*args, **kwargs):
            key = (args, tuple(kwargs.items()))
            if key in known: return known[key]
            value = known[key] = func(*args, **kwargs)
            return value
        return call
    return wrap(maxsize) if callable(maxsize) else wrap

def _cmp_to_key(compare):
    class Key:
        def __init__(self, value): self.value = value
        def __lt__(self, other): return compare(self.value, other.value) < 0
    return Key

functools.partial, functools.lru_cache, functools.cmp_to_key = _partial, _lru_cache, _cmp_to_key
functools.cache = lambda func: _lru_cache(None)(func)

def _itemgetter(*keys):
    if len(keys) == 1: return lambda item: item[keys[0]]
    return lambda item: tuple([item[key] for key in keys])

def _attribute(item, path):
    for name in path.split('.'): item = getattr(item, name)
    return item

def _attrgetter(*paths):
    if len(paths) == 1: return lambda item: _attribute(item, paths[0])
    return lambda item: tuple([_attribute(item, path) for path in paths])

operator.itemgetter, operator.attrgetter = _itemgetter, _attrgetter
operator.methodcaller = lambda name, *args, **kwargs: lambda item: getattr(item, name)(*args, **kwargs)

_grown('heapq', dict(
    nlargest=lambda n, iterable, key=None: sorted(iterable, key=key, reverse=True)[:n],
    nsmallest=lambda n, iterable, key=None: sorted(iterable, key=key)[:n]))

def _bisect_right(a, x, lo=0, hi=None, key=None):
    hi = len(a) if hi is None else hi
    while lo < hi:
        middle = (lo + hi) // 2
        if x < (a[middle] if key is None else key(a[middle])): hi = middle
        else: lo = middle + 1
    return lo

def _bisect_left(a, x, lo=0, hi=None, key=None):
    hi = len(a) if hi is None else hi
    while lo < hi:
        middle = (lo + hi) // 2
        if (a[middle] if key is None else key(a[middle])) < x: lo = middle + 1
        else: hi = middle
    return lo

_new_module('bisect', dict(
    bisect=_bisect_right, bisect_right=_bisect_right, bisect_left=_bisect_left,
    insort=lambda a, x, lo=0, hi=None: a.insert(_bisect_right(a, x, lo, hi), x),
    insort_right=lambda a, x, lo=0, hi=None: a.insert(_bisect_right(a, x, lo, hi), x),
    insort_left=lambda a, x, lo=0, hi=None: a.insert(_bisect_left(a, x, lo, hi), x)))

import json
_native_dumps = json.dumps

def _quoted(text, plain):
    text = _native_dumps(text)
    if not plain or _is_ascii(text): return text
    parts = []
    for char in text:
        code = ord(char)
        if code < 128: parts.append(char)
        elif code < 0x10000: parts.append('\\u%04x' % code)
        else: parts.append('\\u%04x\\u%04x' % (0xd800 + (code - 0x10000 >> 10), 0xdc00 + (code & 0x3ff)))
    return ''.join(parts)

def _dumps(obj, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, indent=None, separators=None,
           default=None, sort_keys=False):
    comma, colon = separators or (', ' if indent is None else ',', ': ')
    unit = indent if isinstance(indent, str) else ' ' * (indent or 0)
    def write(value, depth):
        if value is None: return 'null'
        if value is True: return 'true'
        if value is False: return 'false'
        if isinstance(value, str): return _quoted(value, ensure_ascii)
        if isinstance(value, int): return str(value)
        if isinstance(value, float):
            if value - value == 0: return str(value)
            if not allow_nan: raise ValueError('Out of range float values are not JSON compliant')
            return 'NaN' if value != value else 'Infinity' if value > 0 else '-Infinity'
        if isinstance(value, (list, tuple)): parts, marks = [write(item, depth + 1) for item in value], '[]'
        elif isinstance(value, dict):
            parts, marks = [], '{}'
            for key in sorted(value) if sort_keys else value:
                item = value[key]
                if not isinstance(key, str):
                    if key is None or isinstance(key, (int, float)): key = write(key, 0)
                    elif skipkeys: continue
                    else: raise TypeError('keys must be str, int, float, bool or None, not ' + type(key).__name__)
                parts.append(_quoted(key, ensure_ascii) + colon + write(item, depth + 1))
        elif default is not None: return write(default(value), depth)
        else: raise TypeError('Object of type %s is not JSON serializable' % type(value).__name__)
        if indent is None or not parts: return marks[0] + comma.join(parts) + marks[1]
        line = '\n' + unit * (depth + 1)
        return marks[0] + line + (comma + line).join(parts) + '\n' + unit * depth + marks[1]
    return write(obj, 0)

class _JSONDecodeError(ValueError):
    pass

def _loads(text, object_hook=None, parse_float=None, parse_int=None):
    try: value = _native_loads(text)
    except ValueError as error: raise _JSONDecodeError(str(error) or 'Expecting value')
    return _hooked(value, object_hook) if object_hook else value

def _hooked(value, hook):
    if isinstance(value, list): return [_hooked(item, hook) for item in value]
    if isinstance(value, dict): return hook({key: _hooked(item, hook) for key, item in value.items()})
    return value

_native_loads = json.loads
_grown('json', dict(dumps=_dumps, loads=_loads, JSONDecodeError=_JSONDecodeError))
`;

// Numbers: what math, statistics and random lack, and numbers written in other digits than ASCII's.

export const NUMBERS = String.raw`
def _gcd(*numbers):
    result = 0
    for number in numbers:
        number = abs(number)
        while number: result, number = number, result % number
    return result

def _lcm(*numbers):
    result = 1
    for number in numbers:
        if not number: return 0
        result = abs(result // _gcd(result, number) * number)
    return result

def _prod(items, start=1):
    for item in items: start *= item
    return start

def _perm(n, k=None):
    result = 1
    for factor in range(n - (n if k is None else k) + 1, n + 1): result *= factor
    return result if k is None or k <= n else 0

def _comb(n, k):
    return 0 if k > n else _perm(n, min(k, n - k)) // _perm(min(k, n - k))

def _isqrt(n):
    if n < 0: raise ValueError('isqrt() argument must be nonnegative')
    if n < 2: return n
    guess = 1 << (len(bin(n)) - 2 + 1) // 2
    while True:
        better = (guess + n // guess) // 2
        if better >= guess: return guess
        guess = better

def _fsum(items):
    # Shewchuk's partial sums, exact.
    partials = []
    for item in items:
        item, kept = float(item), 0
        for partial in partials:
            if abs(item) < abs(partial): item, partial = partial, item
            high = item + partial
            low = partial - (high - item)
            if low:
                partials[kept] = low
                kept += 1
            item = high
        partials[kept:] = [item]
    return sum(partials[::-1], 0.0)

def _hypot(*coordinates): return math.sqrt(sum([part * part for part in coordinates]))

_grown('math', dict(
    gcd=_gcd, lcm=_lcm, prod=_prod, perm=_perm, comb=_comb, isqrt=_isqrt, fsum=_fsum, hypot=_hypot, tau=2 * math.pi,
    dist=lambda p, q: _hypot(*[a - b for a, b in zip(p, q)]), cbrt=lambda x: math.copysign(abs(x) ** (1 / 3), x)))

class _StatisticsError(ValueError):
    pass

def _data(data, least=1, what='no data'):
    data = list(data)
    if len(data) < least: raise _StatisticsError(what)
    return data

def _ratio(number):
    # The exact value, as a numerator and a power of two.
    if isinstance(number, int): return int(number), 0
    fraction, exponent = math.frexp(number)
    return int(fraction * 9007199254740992.0), exponent - 53

def _divided(top, bottom):
    # The quotient of two whole numbers, rounded once.
    if not top: return 0.0
    sign, top = (-1.0 if top < 0 else 1.0), abs(top)
    # 53 bits, one for the half and one that stands for all the rest.
    shift = max(0, 57 - len(bin(top)) + len(bin(bottom)))
    quotient, rest = divmod(top << shift, bottom)
    extra = max(0, len(bin(quotient)) - 2 - 55)
    if rest or quotient & ((1 << extra) - 1): rest = 1
    quotient = quotient >> extra | rest
    low, quotient = quotient & 3, quotient >> 2
    if low == 3 or low == 2 and quotient & 1: quotient += 1
    return sign * math.ldexp(float(quotient), extra + 2 - shift)

def _exact_sum(data):
    # (numerator, power of two) of the exact sum.
    parts = [_ratio(item) for item in data]
    least = min([power for _, power in parts])
    return sum([number << (power - least) for number, power in parts]), least

def _whole(value, data):
    for item in data:
        if isinstance(item, float): return value
    return int(value) if value - value == 0 and value == int(value) else value

def _quotient(numerator, power, count):
    return _divided(numerator << power, count) if power >= 0 else _divided(numerator, count << -power)

def _mean(data):
    data = _data(data, 1, 'mean requires at least one data point')
    return _whole(_quotient(*_exact_sum(data), len(data)), data)

def _median(data):
    data = sorted(_data(data, 1, 'no median for empty data'))
    middle = len(data) // 2
    return data[middle] if len(data) % 2 else (data[middle - 1] + data[middle]) / 2

def _modes(data):
    counts = {}
    for item in data: counts[item] = counts.get(item, 0) + 1
    most = max(counts.values()) if counts else 0
    return [item for item, count in counts.items() if count == most]

def _variance_of(data, less):
    # Exact: (n * sum of squares - square of the sum) / (n * (n - less)).
    count = len(data)
    numerator, power = _exact_sum(data)
    squares, least = 0, 2 * power
    for number, own in [_ratio(item) for item in data]: squares += (number * number) << (2 * own - least)
    return _quotient(count * squares - numerator * numerator, least, count * (count - less))

def _variance(data, xbar=None):
    data = _data(data, 2, 'variance requires at least two data points')
    return _whole(_variance_of(data, 1), data)

def _pvariance(data, mu=None):
    data = _data(data, 1, 'pvariance requires at least one data point')
    return _whole(_variance_of(data, 0), data)

def _quantiles(data, n=4, method='exclusive'):
    data = sorted(_data(data, 2, 'must have at least two data points'))
    size, result = len(data), []
    for i in range(1, n):
        if method == 'inclusive':
            j, delta = divmod(i * (size - 1), n)
            result.append((data[j] * (n - delta) + data[j + 1] * delta) / n)
        else:
            j = min(max(i * (size + 1) // n, 1), size - 1)
            delta = i * (size + 1) - j * n
            result.append((data[j - 1] * (n - delta) + data[j] * delta) / n)
    return result

def _fmean(data, weights=None):
    data = [float(item) for item in _data(data, 1, 'fmean requires at least one data point')]
    if weights is None: return _fsum(data) / len(data)
    weights = list(weights)
    return _fsum([item * weight for item, weight in zip(data, weights)]) / _fsum(weights)

_new_module('statistics', dict(
    StatisticsError=_StatisticsError, mean=_mean, fmean=_fmean, median=_median,
    median_low=lambda data: sorted(_data(data))[(len(_data(data)) - 1) // 2],
    median_high=lambda data: sorted(_data(data))[len(_data(data)) // 2],
    mode=lambda data: _modes(_data(data, 1, 'no mode for empty data'))[0], multimode=_modes,
    variance=_variance, pvariance=_pvariance, stdev=lambda data, xbar=None: math.sqrt(_variance(data)),
    pstdev=lambda data, mu=None: math.sqrt(_pvariance(data)), quantiles=_quantiles,
    geometric_mean=lambda data: math.exp(_fmean([math.log(item) for item in data])),
    harmonic_mean=lambda data: len(_data(data)) / _fsum([1 / item for item in _data(data)])))

def _random_more(module):
    uniform, below = module.random, module.randrange
    def shuffle(items):
        for at in range(len(items) - 1, 0, -1):
            other = below(at + 1)
            items[at], items[other] = items[other], items[at]
    def sample(population, k, counts=None):
        items = list(population)
        if k > len(items): raise ValueError('Sample larger than population or is negative')
        for at in range(k):
            other = at + below(len(items) - at)
            items[at], items[other] = items[other], items[at]
        return items[:k]
    def choices(population, weights=None, cum_weights=None, k=1):
        items = list(population)
        if cum_weights is None:
            if weights is None: return [items[below(len(items))] for _ in range(k)]
            cum_weights, total = [], 0
            for weight in weights:
                total += weight
                cum_weights.append(total)
        chosen = []
        for _ in range(k):
            mark, at = uniform() * cum_weights[-1], 0
            while cum_weights[at] <= mark and at < len(items) - 1: at += 1
            chosen.append(items[at])
        return chosen
    def gauss(mu=0.0, sigma=1.0):
        return mu + sigma * math.sqrt(-2 * math.log(1 - uniform())) * math.cos(2 * math.pi * uniform())
    return dict(shuffle=shuffle, sample=sample, choices=choices, gauss=gauss, normalvariate=gauss,
                expovariate=lambda lambd=1.0: -math.log(1 - uniform()) / lambd)

def _ascii_digits(text):
    return ''.join([char if char < '\x80' or _digit(char) is None else chr(48 + _digit(char)) for char in text])

def _to_int(value=0, base=None):
    if isinstance(value, str) and not _is_ascii(value): value = _ascii_digits(value).strip()
    return int(value) if base is None else int(value, base)

def _to_float(value=0.0):
    return float(_ascii_digits(value).strip() if isinstance(value, str) and not _is_ascii(value) else value)

builtins.__int__, builtins.__float__ = _to_int, _to_float

def _bit_length(number):
    return len(bin(abs(number))) - 2 if number else 0

_extend(int, dict(bit_length=_bit_length, bit_count=lambda number: bin(abs(number)).count('1')))
`;

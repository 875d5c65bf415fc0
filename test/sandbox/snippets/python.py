# Snippets as marketers write them. `#%% name` begins each; make-fixtures.mjs runs every one in CPython and keeps what it answers.

#%% the document's example
# Check complex business rules
user_score = context.get('user', {}).get('score', 0)
message_length = len(context.get('event', {}).get('data', {}).get('content', ''))

# Set result to True or False
result = user_score > 100 and message_length > 10

#%% lead scoring
score = 0
user = context['user']
if user.get('opted_in'): score += 20
score += min(len(user['tags']) * 5, 15)
score += {'whatsapp': 10, 'email': 5}.get(context['event']['data']['source'], 0)
if user['spent'] >= 1000: score += 30
elif user['spent'] >= 100: score += 10
result = {'score': score, 'grade': 'A' if score >= 60 else 'B' if score >= 40 else 'C'}

#%% a name cleaned up
name = ' '.join(context['user']['full_name'].split()).title()
last = context['user']['last_name'].title()
result = [name, last, "o'neil mc-donald".title(), 'ÉLODIE müller'.title(), name.swapcase()]

#%% a greeting by the hour
from datetime import datetime
hour = datetime.fromisoformat(context['event']['timestamp']).hour
if 5 <= hour < 12: greeting = 'Good morning'
elif 12 <= hour < 18: greeting = 'Good afternoon'
else: greeting = 'Good evening'
result = f"{greeting}, {context['user']['first_name'].capitalize()}!"

#%% discount tiers
TIERS = [(1000, 0.15), (500, 0.10), (100, 0.05)]
def discount(spent):
    for limit, rate in TIERS:
        if spent >= limit:
            return rate
    return 0.0
result = {f'{s:,.2f}': f'{discount(s):.0%}' for s in (50, 100, 750.5, context['user']['spent'])}

#%% money as people read it
total = sum(o['total'] for o in context['orders'])
result = [f'{total:.2f}', f'{total:,.2f} EUR', f'€{1234567.891:,.2f}', '{:,}'.format(9876543), f'{-42.5:+.1f}', f'{0.1275:.1%}', f'{1e6:,.0f}']

#%% halves round as in CPython
result = [round(0.5), round(1.5), round(2.5), round(2.675, 2), round(1.005, 2), round(0.125, 2), f'{0.125:.2f}', f'{2.5:.0f}', '%.1f' % 0.25, round(1250, -2), round(-2.5)]

#%% orders sorted by their total
ranked = sorted(context['orders'], key=lambda o: o['total'], reverse=True)
result = [(o['id'], o['total']) for o in ranked]

#%% sorting is stable
rows = [('b', 2), ('a', 1), ('c', 2), ('d', 1)]
result = [sorted(rows, key=lambda r: r[1]), sorted(rows, key=lambda r: r[1], reverse=True), sorted(rows, key=lambda r: (-r[1], r[0]))]

#%% a dict keeps the order of insertion
prices = {'zebra': 1, 'apple': 2, 'mango': 3}
prices['banana'] = 4
del prices['apple']
prices['zebra'] = 10
prices['apple'] = 5
result = [list(prices), list(prices.values()), list(prices.items())[0], next(iter(prices)), prices.popitem()]

#%% counting words
counts = {}
for word in context['event']['data']['content'].lower().split():
    word = word.strip('!?.,:#')
    if word: counts[word] = counts.get(word, 0) + 1
result = counts

#%% Counter
from collections import Counter
tags = Counter(t.lower() for t in context['user']['tags'])
items = Counter(i for o in context['orders'] for i in o['items'])
result = [tags.most_common(1), items.most_common(), items['pen'], items['sofa'], sum(items.values()), dict(tags)]

#%% defaultdict groups
from collections import defaultdict
by_status = defaultdict(list)
for order in context['orders']:
    by_status[order['status']].append(order['id'])
totals = defaultdict(float)
for order in context['orders']:
    totals[order['at'][:7]] += order['total']
result = [dict(by_status), dict(totals), sorted(totals)]

#%% unique tags in order
seen = set()
unique = []
for tag in context['user']['tags']:
    key = tag.casefold()
    if key not in seen:
        seen.add(key)
        unique.append(tag)
result = [unique, list(dict.fromkeys(context['user']['tags']))]

#%% sets
have, want = set(context['user']['tags']), {'vip', 'buyer'}
result = [sorted(have & want), sorted(have | want), sorted(have - want), have >= {'vip'}, have.isdisjoint({'x'}), len({x % 3 for x in range(10)})]

#%% comprehensions
orders = context['orders']
result = [[o['id'] for o in orders if o['status'] == 'paid'], {o['id']: o['total'] for o in orders if o['total'] > 10},
          [f'{i}:{n}' for i, o in enumerate(orders, start=1) for n in o['items']], [[r * c for c in range(1, 4)] for r in range(1, 4)]]

#%% a phone number in E.164
import re
digits = re.sub(r'\D', '', context['user']['phone'])
result = ['+' + digits, f'{digits[:2]}-{digits[2:5]}-{digits[5:]}', digits.removeprefix('98').zfill(11), '*' * (len(digits) - 4) + digits[-4:]]

#%% order numbers found
import re
text = context['event']['data']['content']
result = [re.findall(r'#(\d+)', text), re.findall(r'[A-Z]\w+', text), re.findall(r'(\w+) (#\d+)', text), [m.start() for m in re.finditer('#', text)]]

#%% search with groups
import re
m = re.search(r'(?P<amount>[\d,]+\.\d{2})\s*(?P<currency>[A-Z]{3})', context['event']['data']['content'])
result = [m.group('amount'), m['currency'], m.groups(), m.groupdict(), m.span(), float(m.group(1).replace(',', '')), re.search('x{3,5}', 'axxb')]

#%% substitutions
import re
result = [re.sub(r'(\w+)@(\w+)', r'\2 at \1', 'joe@shop'), re.sub(r'\b(\w)', lambda m: m.group(1).upper(), 'hello big world'),
          re.sub(r'\s{2,}', ' ', 'a   b    c'), re.sub('x*', '-', 'abxd'), re.subn('a', 'b', 'banana', count=2), re.sub(r'(?<=\d)(?=(\d{3})+$)', ',', '1234567')]

#%% an e-mail address checked
import re
EMAIL = re.compile(r'^[\w.+-]+@[\w-]+\.[\w.-]+$', re.IGNORECASE)
result = {address: bool(EMAIL.match(address)) for address in [context['user']['email'], 'no at sign', 'a@b', 'a.b-c@d-e.co.uk']}

#%% flags, split and alternatives
import re
result = [re.findall('^hi|please$', 'Hi\nplease\nhi', re.I | re.M), re.split(r'[,;\s]+', 'a, b;c  d'), re.split(r'(-)', 'a-b-c', maxsplit=1),
          re.fullmatch(r'(?:yes|yep|ok)!?', 'OK!', flags=re.I) is not None, re.match(r'(a)(b)?', 'ac').groups('none'), re.findall(r'(?s)a.b', 'a\nb'), re.escape('a.b*c')]

#%% a verbose pattern
import re
DATE = re.compile(r'''
    (?P<year>\d{4}) - (?P<month>\d\d) - (?P<day>\d\d)   # ISO
''', re.VERBOSE)
result = [m.groupdict() for m in DATE.finditer('from 2026-01-15 to 2026-02-28')]

#%% Persian text
name = context['user']['persian_name']
text = context['persian_text']
result = [name.split(), f'سلام {name.split()[0]} عزیز', len(name), name[::-1], name.startswith('سارا'), name.replace('ی', 'ي'), text.split('،')[0], 'سفارش' in text, name.title(), repr(name)]

#%% Persian digits
import re
text = context['persian_text']
latin = text.translate(str.maketrans('۰۱۲۳۴۵۶۷۸۹', '0123456789'))
result = [re.findall(r'\d+', latin), re.findall(r'\d+', text), int('۴۷۱۱') + 1, float('۱۲.۵'), '۱۲'.isdigit(), re.findall(r'[۰-۹]{11}', text), '۱۲۳'.isnumeric()]

#%% Persian and Arabic words
import re
result = [re.findall(r'\w+', context['arabic_text']), re.findall('[آ-ی]+', context['persian_text'])[:3], re.sub(r'[^\w\s]', '', context['persian_text']), 'سلام'.isalpha(), 'می\u200cخواهم'.replace('\u200c', ' '), ' سلام '.strip(), 'مرحبا'.center(9, '*')]

#%% letters of other alphabets
result = ['straße'.upper(), 'ÇA VA'.lower(), 'привет'.capitalize(), 'ΑΘΗΝΑ'.lower()[0], 'müller'.upper(), 'ñandú'.title(), 'É'.isupper(), 'Ö'.casefold() == 'ö', 'łódź'.islower()]

#%% methods of text
s = 'hello world'
result = [s.title(), s.capitalize(), s.upper(), s.center(15, '-'), s.ljust(13) + '|', s.rjust(13), s.zfill(13), s.count('o'), s.find('z'), s.partition(' '), s.rpartition('o'),
          s.removeprefix('hello '), s.removesuffix(' world'), s.swapcase(), s.replace('l', 'L', 2), s.index('w'), s.startswith(('he', 'x')), 'a\tb'.expandtabs(4), 'A1'.isalnum(), 'ab'.isalpha()]

#%% tests of text
result = [[t.isdigit(), t.isalpha(), t.isalnum(), t.isupper(), t.islower(), t.isspace(), t.istitle(), t.isidentifier(), t.isascii(), t.isdecimal()] for t in ('42', 'abc', 'ABC', 'Ab Cd', ' ', 'x_1', '', 'é', '4.2')]

#%% slices with steps
s, n = 'abcdefgh', [1, 2, 3, 4, 5, 6]
result = [s[::-1], s[::2], s[1::2], s[-3:], s[5:1:-2], n[::-1], n[::3], n[-2:], (1, 2, 3)[::-1], s[:100], ''.join(reversed(s)), 'level' == 'level'[::-1]]

#%% splitting and joining
text = 'first;second;;third'
result = [text.split(';'), text.split(';', 1), text.rsplit(';', 1), 'a b\tc\n d'.split(), 'x\ny\r\nz'.splitlines(), ', '.join(['a', 'b']), ' | '.join(str(n) for n in range(3)), 'k=v=w'.partition('='), 'a.b'.split('.', maxsplit=1)]

#%% f-strings
name, n, price = 'Sara', 3, 9.5
orders = context['orders']
result = [f'{name!r:>10}|', f'{n:03d}|{n:>5}|{n:<5}|{n:^5}|{n:*^7}|', f'{price:8.2f}|{price:08.2f}|{price:<8}|', f'{n=}, {price*n = :.1f}', f"{name.upper():_<8}", f'{n:b} {255:x} {255:#X}',
          f'{{literal}} {name}', f"{'yes' if n > 2 else 'no'}", f'{len(orders)} order{"s" if len(orders) != 1 else ""}', f"{orders[0]['items'][0]}", f'{price:.{n}f}', f'{name[::-1]}', f'{True:>6}', f'{None}']

#%% f-strings in f-strings
items = ['pen', 'ink']
width = 8
result = [f"{', '.join(f'<{i}>' for i in items)}", f"{f'{width:>{width}}':-^12}", f"{(lambda x: x * 2)(width)}", f'''{
    items[0]
}''' f'{items[1]!s:>5}', 'plain ' f'{width}' ' and plain']

#%% str.format
result = ['{} {}'.format('a', 1), '{0}{1}{0}'.format('x', 'y'), '{name} has {n:,} points'.format(name='Sara', n=12345), '{u[first_name]} / {o[0][id]}'.format(u=context['user'], o=context['orders']),
          '{:>8}|{:<8}|{:^8}|'.format('r', 'l', 'c'), '{:.3}'.format('abcdef'), '{:+.2f}'.format(3.14159), '{:05d}'.format(-42), '{!r}'.format('q'), '{:{}}|'.format('w', 5), '{:e}'.format(12345.678), '{:g}'.format(0.00001234), '{:%}'.format(0.5)]

#%% percent formatting
result = ['%s is %d' % ('Sara', 36), '%.2f' % 1.005, '%5.1f|' % 3.14159, '%-8s|%8s|' % ('a', 'b'), '%05d' % 42, '%x' % 255, '%d%%' % 50, '%(name)s!' % {'name': 'Ali'}, '%r' % 'x', '%s' % [1, 'a'], '%+d' % 7, '%e' % 1234.5]

#%% numbers as text
result = [str(1 / 3), str(0.1 + 0.2), repr(1e16), str(1e-5), str(100.0), str(123456789.123), str(2 ** 100), str(1e22), str(-0.0), 7 / 2, 7 // 2, -7 // 2, -7 % 3, 2 ** -1, 10 ** 20, 1_000_000, 0xff, divmod(17, 5)]

#%% big whole numbers
import math
result = [2 ** 64 + 1, math.factorial(25), 10 ** 30 // 7, (10 ** 18 + 1) % 97, int('123456789012345678901234567890') + 1, (1 << 70) | 1, pow(3, 200, 1000007)]

#%% math
import math
result = [math.ceil(4.2), math.floor(-4.2), math.sqrt(2), math.trunc(2.9), round(math.pi, 4), math.hypot(3, 4), math.gcd(12, 18), math.lcm(4, 6), math.prod([2, 3, 4]), math.isclose(0.1 + 0.2, 0.3), math.comb(5, 2), math.log(100, 10), math.log10(1000), math.inf > 1, math.fsum([0.1] * 10), math.dist((0, 0), (1, 1))]

#%% statistics
import statistics
totals = [o['total'] for o in context['orders']]
result = [statistics.mean(totals), statistics.median(totals), statistics.mode(['a', 'b', 'a']), round(statistics.stdev(totals), 6), statistics.pstdev([1, 2, 3, 4]), statistics.mean([1, 2, 3, 4]), statistics.median([1, 3, 2]), statistics.mean([2, 4]), statistics.quantiles([1, 2, 3, 4, 5]), statistics.variance([1, 2, 4])]

#%% random within bounds
import random
random.seed(42)
picks = [random.randint(1, 6) for _ in range(20)]
letters = list('abcde')
random.shuffle(letters)
result = [all(1 <= p <= 6 for p in picks), sorted(letters), len(random.sample(range(100), 5)), random.choice(['x']), 0 <= random.random() < 1, len(random.choices('ab', k=3)), 1 <= random.uniform(1, 2) <= 2]

#%% dates
from datetime import datetime, timedelta, date
when = datetime.fromisoformat(context['event']['timestamp'])
birthday = date.fromisoformat(context['user']['birthday'])
age = when.year - birthday.year - ((when.month, when.day) < (birthday.month, birthday.day))
result = [age, (when + timedelta(days=30)).strftime('%Y-%m-%d'), when.strftime('%d.%m.%Y %H:%M'), when.weekday(), (date(2026, 12, 25) - when.date()).days, str(when), when.isoformat(), birthday.replace(year=2026).isoformat()]

#%% dates read and written
from datetime import datetime, date
d = datetime.strptime('14/03/2026 21:05', '%d/%m/%Y %H:%M')
result = [d.isoformat(), d.strftime('%A, %d %B %Y at %I:%M %p'), d.strftime('%a %b %j %U %y'), datetime.strptime('Mar 5 2026', '%b %d %Y').date().isoformat(), f'{d:%Y/%m/%d}', d.isocalendar()[1], d.date() == date(2026, 3, 14), datetime.strptime('2026-01-02T03:04:05+0330', '%Y-%m-%dT%H:%M:%S%z').isoformat()]

#%% days since the last order
from datetime import date
last = max(date.fromisoformat(o['at']) for o in context['orders'])
today = date(2026, 3, 14)
days = (today - last).days
result = {'days': days, 'segment': 'active' if days <= 30 else 'sleeping' if days <= 90 else 'lost', 'delta': str(today - last)}

#%% working days
from datetime import date, timedelta
day, left = date(2026, 3, 13), 3
while left:
    day += timedelta(days=1)
    if day.weekday() < 5: left -= 1
import calendar
result = [day.isoformat(), calendar.monthrange(2024, 2)[1], calendar.isleap(2026), str(timedelta(hours=49, minutes=5)), timedelta(days=1, hours=1).total_seconds(), timedelta(minutes=90) / 2 == timedelta(minutes=45)]

#%% json read and written
import json
payload = json.loads('{"z": [1, 2.5, null, true], "a": {"نام": "سارا"}}')
result = [payload, json.dumps(payload), json.dumps(payload, ensure_ascii=False), json.dumps({'b': 1, 'a': [1, 2]}, indent=2, sort_keys=True), json.dumps([1, 'a'], separators=(',', ':')), json.dumps({1: None, True: 'x'}), json.dumps('"quoted"\n')]

#%% a wrong number is caught
def to_number(text):
    try:
        return float(text)
    except ValueError as error:
        print('skipped', text)
        return None
    finally:
        print('done')
values = [to_number(v) for v in ('1.5', 'abc', ' 2 ', '')]
result = [v for v in values if v is not None]

#%% errors of many kinds
caught = []
for action in (lambda: 1 / 0, lambda: {}['x'], lambda: [][1], lambda: int('x'), lambda: None + 1, lambda: 'a'.missing):
    try: action()
    except (ZeroDivisionError, KeyError) as e: caught.append(type(e).__name__)
    except IndexError as e: caught.append('index')
    except Exception as e: caught.append(e.__class__.__name__)
    else: caught.append('fine')
class NotAllowed(Exception):
    pass
try:
    raise NotAllowed('under age')
except NotAllowed as e:
    caught.append(str(e))
result = caught

#%% nothing is None
city = context['user'].get('city') or 'unknown'
nick = context['user'].get('nickname', 'friend')
address = (context.get('user') or {}).get('address', {}).get('street')
result = [city, nick, address, address is None, None or 0, bool([]), bool('0'), 0 if address is None else len(address)]

#%% chained comparisons
score = context['user']['score']
result = [0 < score <= 150, 1 < 2 < 3 > 2, 'a' <= 'b' < 'c', not 5 < score < 10, score == 120 != 0, 5 in [1, 5] and 'vip' in context['user']['tags']]

#%% a result before the end
import sys
result = 'skipped'
if 'vip' in context['user']['tags']:
    result = 'vip route'
    sys.exit()
result = 'never'

#%% no result at all
message = 'nothing to say'

#%% functions with defaults and stars
def render(template, *names, sep=' & ', **values):
    return template.format(who=sep.join(names), **values)
def total(*amounts): return sum(amounts)
extra = {'shop': 'ACME'}
result = [render('Hi {who} from {shop}', 'Ali', 'Sara', **extra), total(*[1, 2], 3), render('{who}', 'x', sep='-'), (lambda a, b=2: a * b)(4)]

#%% stars in lists and dicts
base = {'lang': 'fa', 'tier': 'free'}
merged = {**base, 'tier': 'gold', **{'city': 'Tehran'}}
first, *rest = [1, 2, 3]
*start, last = 'abc'
result = [merged, [*rest, *start, 0], base | {'x': 1}, (*rest, 9), first, last, sorted({*rest, 7})]

#%% a class
class Basket:
    tax = 0.2
    def __init__(self, owner): self.owner, self.lines = owner, []
    def add(self, name, price, count=1):
        self.lines.append((name, price, count))
        return self
    @property
    def total(self): return round(sum(p * c for _, p, c in self.lines) * (1 + self.tax), 2)
    def __len__(self): return len(self.lines)
    def __str__(self): return f'{self.owner}: {self.total:.2f}'
class Gift(Basket):
    tax = 0
b = Basket('Sara').add('pen', 1.5, 3).add('ink', 10)
result = [b.total, len(b), str(b), Gift('Ali').add('card', 5).total, isinstance(Gift('x'), Basket)]

#%% generators and itertools
from itertools import groupby, chain, islice, combinations, accumulate
def pages(items, size):
    for i in range(0, len(items), size):
        yield items[i:i + size]
by = groupby(sorted(context['orders'], key=lambda o: o['status']), key=lambda o: o['status'])
result = [list(pages([1, 2, 3, 4, 5], 2)), [(k, [o['id'] for o in g]) for k, g in by], list(chain([1], (2, 3))), list(islice((x * x for x in range(100)), 3)), list(combinations('abc', 2)), list(accumulate([1, 2, 3])), next((x for x in [1, 5] if x > 3), None)]

#%% built-in functions
nums = [3, -1, 2]
result = [max(nums, key=abs), min(context['orders'], key=lambda o: o['total'])['id'], any(n < 0 for n in nums), all(nums), list(zip('ab', [1, 2])), dict(zip(['x', 'y'], nums)), list(map(lambda n: n * 2, filter(None, [0, 1, 2]))), list(reversed(nums)), sum(nums, 10), abs(-2.5), list(range(10, 0, -3)), [type(v).__name__ for v in (1, 1.0, 'a', None, True, [], {}, ())], isinstance(True, int), chr(65), ord('ا'), max('apple', 'fig', key=len)]

#%% functools and operator
from functools import reduce, partial, lru_cache
from operator import itemgetter, attrgetter
@lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
add_tax = partial(lambda rate, net: round(net * (1 + rate), 2), 0.2)
result = [reduce(lambda a, b: a * b, [1, 2, 3, 4]), add_tax(10), fib(40), sorted(context['orders'], key=itemgetter('total'))[0]['id'], list(map(itemgetter('id', 'status'), context['orders'][:2]))]

#%% named tuples and unpacking
from collections import namedtuple, deque, OrderedDict
Point = namedtuple('Point', ['x', 'y'])
p = Point(1, y=2)
x, (y, z) = 1, (2, 3)
a, b = 'ab'
recent = deque(maxlen=2)
for o in context['orders']: recent.append(o['id'])
result = [p.x + p.y, p == (1, 2), x + y + z, b + a, list(recent), OrderedDict([('b', 1), ('a', 2)]) == {'b': 1, 'a': 2}]

#%% printing
print('score:', context['user']['score'], sep=' ', end='\n')
print(['سارا', 1.0, None, True], {'k': ('v',)})
print(*[1, 2, 3], sep=', ')
print('%s' % 'done', f'{1:>3}')
print()
result = True

#%% loops with else, while and continue
found = []
for o in context['orders']:
    if o['status'] != 'paid': continue
    if o['total'] > 200: break
    found.append(o['id'])
else:
    found.append('all')
n, steps = 27, 0
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    steps += 1
for i in range(3): pass
else: found.append('end')
result = [found, steps, i]

#%% a link with parameters
from urllib.parse import quote, urlencode, urlparse, parse_qs
params = {'utm_source': 'signalbox', 'name': context['user']['persian_name'], 'q': 'a b&c'}
u = urlparse('https://shop.example.com/a/b?x=1&y=2#top')
result = ['https://shop.example.com/?' + urlencode(params), quote('سلام/x y'), u.netloc, u.path, parse_qs(u.query), u.scheme]

#%% a code made of a hash
import hashlib, base64, hmac
digest = hashlib.sha256(context['user']['id'].encode('utf-8')).hexdigest()
result = [digest[:10].upper(), int(digest[:8], 16) % 100, base64.b64encode(b'sara').decode(), base64.b64decode('c2FyYQ==').decode(), hmac.new(b'key', b'message', hashlib.sha256).hexdigest()[:16], 'é'.encode().hex()]

#%% text wrapped and filled
import string, textwrap
result = [string.Template('Hi $name, ${what}!').substitute(name='Sara', what='welcome'), string.capwords('the quick fox'), textwrap.shorten('The quick brown fox jumps', 15), textwrap.wrap('The quick brown fox jumps over', 12), string.ascii_uppercase[:3], textwrap.dedent('  a\n   b')]

#%% columns of text of any script
rows = [('سارا', 120), ('Zoë', 7), ('Al', 1234567)]
result = [f'{name:<8}|{points:>10,}' for name, points in rows] + ['{:*^9}'.format('سلام'), '%-6s|%6s|' % ('é', 'ü'), 'ü'.rjust(3, '.')]

#%% dates as they show themselves
from datetime import date, datetime, time, timedelta, timezone
result = [repr(date(2026, 1, 2)), repr(datetime(2026, 1, 2, 3, 4)), repr(timedelta(days=1, seconds=5)), str(timedelta(seconds=-5)), str(timedelta(days=2)), repr(time(9, 5)), str(datetime(2026, 1, 2, 3, 4, 5, 678)), f'{timedelta(hours=30)}',
          datetime(2026, 1, 1, tzinfo=timezone.utc).astimezone(timezone(timedelta(hours=3, minutes=30))).isoformat(), datetime.max.year]

#%% collections as they show themselves
from collections import Counter, defaultdict, deque
groups = defaultdict(list)
groups['a'].append(1)
result = [str(Counter('aab')), f'{Counter("b")}', repr(deque([1, 2])), Counter('aab') + Counter('b'), len(Counter('ab')), Counter('ab') == {'a': 1, 'b': 1}, {**Counter('a'), 'x': 1}, groups['a'], 'z' in groups]

#%% sorting one's own things
from functools import cmp_to_key
from datetime import date
class Lead:
    def __init__(self, name, score): self.name, self.score = name, score
    def __lt__(self, other): return self.score < other.score
leads = [Lead('a', 3), Lead('b', 1), Lead('c', 3), Lead('d', 2)]
words = ['pear', 'fig', 'apple', 'kiwi']
words.sort(key=cmp_to_key(lambda a, b: len(a) - len(b)))
result = [[l.name for l in sorted(leads)], [l.name for l in sorted(leads, reverse=True)], words, [d.isoformat() for d in sorted([date(2026, 2, 1), date(2025, 1, 1)])], max(leads, key=lambda l: l.score).name]

#%% older hashes and a random id
import hashlib, uuid
email = context['user']['email'].strip().lower()
one = uuid.uuid4()
result = [hashlib.md5(email.encode()).hexdigest(), hashlib.sha1(b'a' * 200).hexdigest(), hashlib.new('md5', b'').hexdigest(), len(str(one)), str(one)[14], one != uuid.uuid4(), str(uuid.UUID('12345678123456781234567812345678'))]

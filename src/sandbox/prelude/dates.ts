// Dates: what datetime and time lack of CPython's, and calendar. The clock is the host's and stands still.

export const DATES = String.raw`
import datetime, time

_DAYS = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')
_MONTHS = ('January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December')
_date, _datetime, _time_of, _timedelta, _timezone = datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone

def _two(number): return ('0' if number < 10 else '') + str(number)

def _offset(at, colon=''):
    zone = at.utcoffset() if hasattr(at, 'utcoffset') else None
    if zone is None: return ''
    minutes = int(zone.total_seconds() // 60)
    sign, minutes = ('-', -minutes) if minutes < 0 else ('+', minutes)
    return sign + _two(minutes // 60) + colon + _two(minutes % 60)

def _isocalendar(day):
    first = _date(day.year, day.month, day.day)
    thursday = first + _timedelta(days=3 - first.weekday())
    return (thursday.year, (thursday - _date(thursday.year, 1, 1)).days // 7 + 1, first.weekday() + 1)

def _strftime(at, form):
    parts, index = [], 0
    hour, minute, second = getattr(at, 'hour', 0), getattr(at, 'minute', 0), getattr(at, 'second', 0)
    micro = getattr(at, 'microsecond', 0)
    has_day = hasattr(at, 'year')
    year, month, day = (at.year, at.month, at.day) if has_day else (1900, 1, 1)
    noon = _date(year, month, day)
    weekday, of_year = noon.weekday(), (noon - _date(year, 1, 1)).days + 1
    while index < len(form):
        char = form[index]
        index += 1
        if char != '%' or index >= len(form):
            parts.append(char)
            continue
        char = form[index]
        index += 1
        plain = char == '-' and index < len(form)
        if plain:
            char = form[index]
            index += 1
        if char == 'Y': text = '%04d' % year if year < 1000 else str(year)
        elif char == 'y': text = _two(year % 100)
        elif char == 'm': text = _two(month)
        elif char == 'd': text = _two(day)
        elif char == 'e': text = ('%2d' % day)
        elif char == 'H': text = _two(hour)
        elif char == 'I': text = _two((hour + 11) % 12 + 1)
        elif char == 'M': text = _two(minute)
        elif char == 'S': text = _two(second)
        elif char == 'f': text = '%06d' % micro
        elif char == 'p': text = 'AM' if hour < 12 else 'PM'
        elif char == 'P': text = 'am' if hour < 12 else 'pm'
        elif char == 'A': text = _DAYS[weekday]
        elif char == 'a': text = _DAYS[weekday][:3]
        elif char == 'B': text = _MONTHS[month - 1]
        elif char in 'bh': text = _MONTHS[month - 1][:3]
        elif char == 'j': text = '%03d' % of_year
        elif char == 'u': text = str(weekday + 1)
        elif char == 'w': text = str((weekday + 1) % 7)
        elif char == 'U': text = _two((of_year + 6 - (weekday + 1) % 7) // 7)
        elif char == 'W': text = _two((of_year + 6 - weekday) // 7)
        elif char == 'V': text = _two(_isocalendar(noon)[1])
        elif char == 'G': text = str(_isocalendar(noon)[0])
        elif char == 'z': text = _offset(at)
        elif char == 'Z': text = (at.tzname() or '') if hasattr(at, 'tzname') else ''
        elif char == 's': text = str(int(at.timestamp()))
        elif char == 'c': text = _strftime(at, '%a %b %e %H:%M:%S %Y')
        elif char in 'xD': text = _strftime(at, '%m/%d/%y')
        elif char in 'XT': text = _strftime(at, '%H:%M:%S')
        elif char == 'F': text = _strftime(at, '%Y-%m-%d')
        elif char == 'R': text = _strftime(at, '%H:%M')
        elif char == 'n': text = '\n'
        elif char == 't': text = '\t'
        elif char == '%': text = '%'
        else: text = '%' + char
        parts.append((text.lstrip('0 ') or '0') if plain else text)
    return ''.join(parts)

def _strptime(text, form):
    def fail(): raise ValueError("time data %r does not match format %r" % (text, form))
    at = 0
    found = {}
    def number(most, least=1):
        nonlocal at
        start = at
        while at < len(text) and at - start < most and '0' <= text[at] <= '9': at += 1
        if at - start < least: fail()
        return int(text[start:at])
    def name(names):
        nonlocal at
        for index, one in sorted(enumerate(names), key=lambda item: -len(item[1])):
            if text[at:at + len(one)].lower() == one.lower():
                at += len(one)
                return index
        fail()
    for whole, parts in (('%T', '%H:%M:%S'), ('%F', '%Y-%m-%d'), ('%D', '%m/%d/%y'), ('%R', '%H:%M')): form = form.replace(whole, parts)
    index = 0
    while index < len(form):
        char = form[index]
        index += 1
        if char.isspace():
            while at < len(text) and text[at].isspace(): at += 1
        elif char != '%':
            if text[at:at + 1] != char: fail()
            at += 1
        else:
            kind = form[index:index + 1]
            index += 1
            if kind == 'Y': found['year'] = number(4, 4)
            elif kind == 'y':
                year = number(2, 2)
                found['year'] = year + (2000 if year < 69 else 1900)
            elif kind == 'm': found['month'] = number(2)
            elif kind == 'd': found['day'] = number(2)
            elif kind == 'H': found['hour'] = number(2)
            elif kind == 'I': found['twelve'] = number(2)
            elif kind == 'M': found['minute'] = number(2)
            elif kind == 'S': found['second'] = number(2)
            elif kind == 'j': found['of_year'] = number(3)
            elif kind == 'f':
                start = at
                micro = number(6)
                found['microsecond'] = micro * 10 ** (6 - at + start)
            elif kind == 'p': found['half'] = name(('AM', 'PM'))
            elif kind == 'B': found['month'] = name(_MONTHS) + 1
            elif kind in 'bh': found['month'] = name([month[:3] for month in _MONTHS]) + 1
            elif kind == 'A': name(_DAYS)
            elif kind == 'a': name([day[:3] for day in _DAYS])
            elif kind == 'z':
                if text[at:at + 1] == 'Z':
                    at += 1
                    found['zone'] = _timezone.utc
                else:
                    sign = {'+': 1, '-': -1}.get(text[at:at + 1]) or fail()
                    at += 1
                    hours = number(2, 2)
                    if text[at:at + 1] == ':': at += 1
                    found['zone'] = _timezone(_timedelta(minutes=sign * (60 * hours + number(2, 2))))
            elif kind == '%':
                if text[at:at + 1] != '%': fail()
                at += 1
            else: raise ValueError("'%s' is a bad directive in format '%s'" % (kind, form))
    if at < len(text): raise ValueError('unconverted data remains: ' + text[at:])
    hour = found.get('hour', 0)
    if 'twelve' in found: hour = found['twelve'] % 12 + 12 * found.get('half', 0)
    made = _datetime(found.get('year', 1900), found.get('month', 1), found.get('day', 1), hour, found.get('minute', 0),
                     found.get('second', 0), found.get('microsecond', 0), found.get('zone'))
    return made + _timedelta(days=found['of_year'] - 1) if 'of_year' in found else made

for _kind in (_date, _datetime, _time_of):
    _kind.strftime = _strftime
    _kind.__format__ = lambda at, spec: _strftime(at, spec) if spec else str(at)
_date.isocalendar = _datetime.isocalendar = _isocalendar
_datetime.strptime = staticmethod(_strptime)

_native_fromisoformat = _datetime.fromisoformat
def _fromisoformat(text):
    if text[-1:] in ('Z', 'z'): text = text[:-1] + '+00:00'
    return _native_fromisoformat(text)
_datetime.fromisoformat = staticmethod(_fromisoformat)

def _date_repr(day): return 'datetime.date(%d, %d, %d)' % (day.year, day.month, day.day)

def _clock_repr(at, first):
    parts = first + [at.hour, at.minute]
    if at.second or at.microsecond: parts.append(at.second)
    if at.microsecond: parts.append(at.microsecond)
    text = ', '.join([str(part) for part in parts])
    return text if at.tzinfo is None else text + ', tzinfo=' + repr(at.tzinfo)

def _parts_of(span):
    # Days, seconds and microseconds as CPython keeps them: only days may be negative.
    return [(name, part) for name, part in (('days', span.days), ('seconds', span.seconds), ('microseconds', span.microseconds)) if part]

def _span_repr(span): return 'datetime.timedelta(%s)' % (', '.join([name + '=' + str(part) for name, part in _parts_of(span)]) or '0')

def _span_str(span):
    days, seconds, micros = span.days, span.seconds, span.microseconds
    text = '%d:%02d:%02d' % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    if micros: text += '.%06d' % micros
    return '%d day%s, %s' % (days, '' if abs(days) == 1 else 's', text) if days else text

_date.__repr__ = _date_repr
_datetime.__repr__ = lambda at: 'datetime.datetime(' + _clock_repr(at, [at.year, at.month, at.day]) + ')'
_time_of.__repr__ = lambda at: 'datetime.time(' + _clock_repr(at, []) + ')'
_timedelta.__repr__, _timedelta.__str__ = _span_repr, _span_str
_datetime.min, _datetime.max = _datetime(1, 1, 1), _datetime(9999, 12, 31, 23, 59, 59, 999999)

if not hasattr(_datetime, 'utcnow'):
    _datetime.utcnow = staticmethod(lambda: _datetime.now())
if not hasattr(_datetime, 'utcfromtimestamp'):
    _datetime.utcfromtimestamp = staticmethod(lambda stamp: _datetime.fromtimestamp(stamp))
datetime.UTC = _timezone.utc
datetime.MINYEAR, datetime.MAXYEAR = 1, 9999

def _at(parts):
    year, month, day, hour, minute, second = parts[:6]
    return _datetime(year, month, day, hour, minute, second)

_time_strftime = lambda form, parts=None: _strftime(_at(time.gmtime() if parts is None else parts), form)
_grown('time', dict(strftime=_time_strftime))

def _isleap(year): return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

def _monthrange(year, month):
    return _date(year, month, 1).weekday(), (31, 29 if _isleap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]

_new_module('calendar', dict(
    isleap=_isleap, monthrange=_monthrange, weekday=lambda year, month, day: _date(year, month, day).weekday(),
    leapdays=lambda first, last: sum([1 for year in range(first, last) if _isleap(year)]), timegm=lambda parts: int((_at(parts) - _datetime(1970, 1, 1)).total_seconds()),
    day_name=_DAYS, day_abbr=tuple([day[:3] for day in _DAYS]), month_name=('',) + _MONTHS, month_abbr=('',) + tuple([month[:3] for month in _MONTHS]),
    MONDAY=0, TUESDAY=1, WEDNESDAY=2, THURSDAY=3, FRIDAY=4, SATURDAY=5, SUNDAY=6))
`;

"""Writes the reference values that the lane functions are tested against: python3 generate.py [points [directory]].

Needs mpmath. One file a function; a line is the argument(s), the nearest double to the result computed with 50 digits or
more, and what is missing from that double in units of its last place. Half of the arguments are single-precision numbers,
which serve both lane sizes; the others have full double precision.
"""
import math
import random
import struct
import sys

from mpmath import mp, mpf
import mpmath

mp.dps = 60
INF, NAN = math.inf, math.nan


def single(x):
    try:
        return struct.unpack('f', struct.pack('f', x))[0]
    except OverflowError:
        return math.copysign(INF, x)


def uniform(rng, low, high):
    return lambda: rng.uniform(low, high)


def logarithmic(rng, low, high, signs=(1,)):
    return lambda: rng.choice(signs) * math.exp(rng.uniform(math.log(low), math.log(high)))


def erfcx(a):
    return mpmath.exp(a * a) * mpmath.erfc(a)


def log_cdf(x):
    tail = mpmath.erfc(abs(x) / mpmath.sqrt(2)) / 2
    return mpmath.log(tail) if x < 0 else mpmath.log1p(-tail)


def quantile(u):
    """Newton's method on log Phi, in whichever half is the smaller."""
    if u == 0.5:
        return mpf(0)
    target = mpmath.log(min(u, 1 - u))
    z = -mpmath.sqrt(-2 * target) if target < -3 else mpf(-0.1)
    for _ in range(200):
        cdf = mpmath.erfc(-z / mpmath.sqrt(2)) / 2
        step = (mpmath.log(cdf) - target) * cdf / (mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi))
        z -= step
        if abs(step) < mpf(10) ** -45 * max(abs(z), mpf(10) ** -20):
            break
    return z if u < 0.5 else -z


def erfinv(x):
    if abs(x) < 1e-8:
        return mpmath.sqrt(mpmath.pi) / 2 * x * (1 + mpmath.pi * x * x / 12)
    return mpmath.sign(x) * quantile((1 + abs(x)) / 2) / mpmath.sqrt(2)


def log_abs_gamma(x):
    return mpmath.re(mpmath.loggamma(x)) if x > 0 else mpmath.log(abs(mpmath.gamma(x)))


def write(directory, name, function, arguments, specials=()):
    lines = []
    for point in arguments:
        point = point if isinstance(point, tuple) else (point,)
        exact = function(*[mpf(v) for v in point])
        nearest = float(exact)
        missing = float((exact - mpf(nearest)) / math.ulp(nearest)) if math.isfinite(nearest) else 0.0
        lines.append(','.join(repr(v) for v in point) + f',{nearest!r},{missing:.3f}')
    for *point, value in specials:
        lines.append(','.join(repr(float(v)) for v in point) + f',{value!r},0')
    with open(f'{directory}/{name}.csv', 'w') as file:
        file.write('\n'.join(lines) + '\n')


def points(n, *sources, extra=()):
    """n arguments, evenly from the sources, alternately of single and of double precision."""
    values = [sources[i % len(sources)]() for i in range(n)]
    boundaries = (0, 1, INF)
    return [single(v) if (i // len(sources)) % 2 == 0 and abs(single(v)) not in boundaries else v for i, v in enumerate(values)] + list(extra)


def main(n=480, directory='.'):
    rng = random.Random(20)

    def emit(name, function, sources, specials=(), extra=()):
        write(directory, name, function, points(n, *sources, extra=extra), specials)

    both = (1, -1)
    emit('exp', mpmath.exp, [uniform(rng, -104, 89), uniform(rng, -1, 1), uniform(rng, -745, 709.7), logarithmic(rng, 1e-12, 1, both)],
         [(0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (1000, INF), (-1000, 0.0)])
    emit('expm1', mpmath.expm1, [uniform(rng, -20, 88.7), uniform(rng, -1.5, 1.5), uniform(rng, -40, 709.7), logarithmic(rng, 1e-30, 1, both)],
         [(0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (NAN, NAN), (1000, INF), (-1000, -1.0)])
    emit('log', mpmath.log, [logarithmic(rng, 1e-45, 3e38), uniform(rng, 0.4, 2.5), logarithmic(rng, 1e-323, 1e308), uniform(rng, 0.99, 1.01)],
         [(1, 0.0), (0, -INF), (-0.0, -INF), (INF, INF), (-1, NAN), (-INF, NAN), (NAN, NAN)])
    emit('log1p', mpmath.log1p,
         [logarithmic(rng, 1e-30, 3e38), uniform(rng, -0.999, 2.5), logarithmic(rng, 1e-300, 1e308), lambda: -1 + math.ldexp(rng.random(), -rng.randrange(22)), uniform(rng, -0.02, 0.02)],
         [(0, 0.0), (-0.0, -0.0), (-1, -INF), (INF, INF), (-1.5, NAN), (-INF, NAN), (NAN, NAN)])
    trigonometric = [uniform(rng, -10, 10), logarithmic(rng, 1e-20, 1e5, both), uniform(rng, -1e5, 1e5), uniform(rng, -1e9, 1e9),
                     lambda: round(rng.uniform(-6e4, 6e4)) * math.pi / 2]
    emit('sin', mpmath.sin, trigonometric, [(0, 0.0), (-0.0, -0.0), (INF, NAN), (NAN, NAN), (1e20, NAN)], extra=[9.9e5, 1e12, -9.876e12])
    emit('cos', mpmath.cos, trigonometric, [(0, 1.0), (INF, NAN), (NAN, NAN), (1e20, NAN)], extra=[9.9e5, 1e12, -9.876e12])
    emit('tanh', mpmath.tanh, [uniform(rng, -4, 4), logarithmic(rng, 1e-30, 1, both), uniform(rng, -20, 20)],
         [(0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN)])
    emit('sigmoid', lambda x: 1 / (1 + mpmath.exp(-x)), [uniform(rng, -8, 8), uniform(rng, -103, 20), uniform(rng, -745, 40), logarithmic(rng, 1e-10, 1, both)],
         [(0, 0.5), (INF, 1.0), (-INF, 0.0), (NAN, NAN)])
    emit('softplus', lambda x: mpmath.log1p(mpmath.exp(x)), [uniform(rng, -8, 8), uniform(rng, -103, 100), uniform(rng, -745, 800), logarithmic(rng, 1e-10, 1, both)],
         [(INF, INF), (-INF, 0.0), (NAN, NAN)])
    emit('erf', mpmath.erf, [uniform(rng, -1.2, 1.2), uniform(rng, -4, 4), logarithmic(rng, 1e-30, 1, both), uniform(rng, -6, 6)],
         [(0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN)])
    emit('erfc', mpmath.erfc, [uniform(rng, -6, 6), uniform(rng, 0, 10.1), uniform(rng, 0, 26.5), logarithmic(rng, 1e-20, 1, both)],
         [(0, 1.0), (INF, 0.0), (-INF, 2.0), (NAN, NAN), (100, 0.0)])
    emit('normalcdf', lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2, [uniform(rng, -8, 8), uniform(rng, -14, 0), uniform(rng, -38, 0), logarithmic(rng, 1e-20, 1, both)],
         [(0, 0.5), (INF, 1.0), (-INF, 0.0), (NAN, NAN)])
    emit('lognormalcdf', log_cdf, [uniform(rng, -8, 8), uniform(rng, -40, 13), logarithmic(rng, 1, 1e5, (-1,)), logarithmic(rng, 1e-10, 1, both), uniform(rng, 0, 37)],
         [(INF, 0.0), (-INF, -INF), (NAN, NAN)])
    emit('normalquantile', quantile, [uniform(rng, 0, 1), logarithmic(rng, 1e-38, 0.5), logarithmic(rng, 1e-305, 0.5), lambda: 1 - math.ldexp(rng.random(), -rng.randrange(1, 22)), uniform(rng, 0.05, 0.1)],
         [(0, -INF), (1, INF), (0.5, 0.0), (-0.1, NAN), (1.1, NAN), (INF, NAN), (NAN, NAN)])
    emit('erfinv', erfinv, [uniform(rng, -1, 1), logarithmic(rng, 1e-30, 1, both), lambda: rng.choice(both) * (1 - math.ldexp(rng.random(), -rng.randrange(1, 22)))],
         [(0, 0.0), (-0.0, -0.0), (1, INF), (-1, -INF), (1.5, NAN), (-INF, NAN), (NAN, NAN)])
    emit('loggamma', log_abs_gamma, [uniform(rng, 0, 10), logarithmic(rng, 1e-30, 1e30), uniform(rng, 0.9, 1.1), uniform(rng, 1.9, 2.1), uniform(rng, 3, 200)],
         [(1, 0.0), (2, 0.0), (0, INF), (INF, INF), (NAN, NAN)])
    emit('loggammanegative', log_abs_gamma, [uniform(rng, -10, 0), logarithmic(rng, 1e-25, 1, (-1,)), uniform(rng, -100, -10)],
         [(-1, INF), (-2, INF), (-1000, INF), (-INF, INF)])
    for order in range(5):
        def psi(x, order=order):
            return mpmath.psi(order, x)
        emit(f'polygamma{order}', psi, [uniform(rng, 0, 12), logarithmic(rng, 1e-5, 1e5), uniform(rng, 1, 2), uniform(rng, 10, 100)], [(NAN, NAN)])
        emit(f'polygammanegative{order}', psi, [uniform(rng, -5, 0), uniform(rng, -30, 0)], [(-1, NAN), (-7, NAN), (-INF, NAN)])

    powers = [(single(abs(x)), single(y)) if i % 2 == 0 else (x, y) for i, (x, y) in enumerate(
        [(rng.uniform(0, 10), rng.uniform(-10, 10)), (math.exp(rng.uniform(-60, 60)), rng.uniform(-1.4, 1.4)), (rng.uniform(0.9, 1.1), rng.uniform(-800, 800)),
         (rng.choice((2.0, 3.0, 10.0, 0.5)), rng.uniform(-37, 37)), (math.exp(rng.uniform(-700, 700)), rng.uniform(-1, 1)),
         (-rng.uniform(0, 10), float(rng.randrange(-30, 30))), (math.exp(rng.uniform(-100, 80)), rng.choice((2.0, -1.0, 0.5, 1.0)))][i % 7] for i in range(n))]
    write(directory, 'pow', lambda x, y: mpmath.power(x, y), powers, [
        (0, 2, 0.0), (-0.0, 3, -0.0), (-0.0, 2, 0.0), (0, -2, INF), (-0.0, -3, -INF), (0, 0, 1.0), (NAN, 0, 1.0), (1, NAN, 1.0), (NAN, 2, NAN), (2, NAN, NAN),
        (-2, 3, -8.0), (-2, 2, 4.0), (-2, 0.5, NAN), (-8, -1, -0.125), (INF, 2, INF), (INF, -2, 0.0), (-INF, 3, -INF), (-INF, -3, -0.0), (-INF, 0.5, INF),
        (2, INF, INF), (2, -INF, 0.0), (0.5, INF, 0.0), (0.5, -INF, INF), (-2, INF, INF), (-1, INF, 1.0), (1, INF, 1.0), (1, -INF, 1.0), (0, INF, 0.0), (0, -INF, INF),
        (1, 1e300, 1.0), (2, 5000, INF), (2, -5000, 0.0), (-2, 5001, -INF), (5, 1, 5.0)])


if __name__ == '__main__':
    main(*[int(a) if a.isdigit() else a for a in sys.argv[1:]])

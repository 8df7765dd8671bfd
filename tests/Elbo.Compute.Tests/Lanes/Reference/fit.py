"""Prints the minimax polynomials of src/Elbo.Compute/Lanes/Functions: python3 fit.py [name]. Needs mpmath.

Remez exchange on a Chebyshev grid; the weight turns the error of the polynomial into the relative error of the function
that it is part of.
"""
import struct
import sys

from mpmath import (atanh, cos, digamma, erf, erfc, euler, exp, expm1, log, log1p, loggamma, lu_solve, matrix, mp, mpf, nstr, pi,
                    psi, sin, sqrt, findroot)

mp.dps = 60


def remez(f, degree, low, high, weight, density=24):
    low, high = mpf(low), mpf(high)
    centre, half, m = (low + high) / 2, (high - low) / 2, (degree + 2) * density
    nodes = [-cos(pi * i / m) for i in range(m + 1)]
    values = [f(centre + half * t) for t in nodes]
    weights = [weight(centre + half * t) for t in nodes]
    weights = [max(w, max(weights) * mpf(10) ** -4) for w in weights]

    def chebyshev(t):
        terms = [mpf(1), t]
        while len(terms) <= degree:
            terms.append(2 * t * terms[-1] - terms[-2])
        return terms[:degree + 1]

    basis = [chebyshev(t) for t in nodes]
    chosen, best = [round(m * i / (degree + 1)) for i in range(degree + 2)], None
    for _ in range(12):
        a, b = matrix(degree + 2), matrix(degree + 2, 1)
        for row, i in enumerate(chosen):
            for k in range(degree + 1):
                a[row, k] = basis[i][k]
            a[row, degree + 1], b[row] = (-1) ** row / weights[i], values[i]
        solution = lu_solve(a, b)
        errors = [(sum(c * t for c, t in zip(solution, basis[i])) - values[i]) * weights[i] for i in range(m + 1)]
        worst = max(abs(e) for e in errors)
        if best is None or worst < best[0]:
            best = worst, [solution[k] for k in range(degree + 1)]
        extrema = []
        for i, e in enumerate(errors):
            if extrema and (errors[extrema[-1]] > 0) == (e > 0):
                if abs(e) > abs(errors[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        while len(extrema) > degree + 2:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < degree + 2 or extrema == chosen:
            break
        chosen = extrema
    return to_monomials(best[1], centre, half), best[0]


def to_monomials(coefficients, centre, half):
    """From Chebyshev polynomials of (x - centre)/half to powers of x."""
    def shifted(p, factor):
        q = [mpf(0)] * (len(p) + 1)
        for i, c in enumerate(p):
            q[i] -= factor * centre / half * c
            q[i + 1] += factor / half * c
        return q
    polynomials = [[mpf(1)], shifted([mpf(1)], 1)]
    while len(polynomials) < len(coefficients):
        q = shifted(polynomials[-1], 2)
        for i, c in enumerate(polynomials[-2]):
            q[i] -= c
        polynomials.append(q)
    result = [mpf(0)] * len(coefficients)
    for c, p in zip(coefficients, polynomials):
        for i, v in enumerate(p):
            result[i] += c * v
    return result


def shortest(value, single):
    if not single:
        return repr(float(value))
    rounded = struct.unpack('f', struct.pack('f', float(value)))[0]
    texts = ('%.*g' % (digits, rounded) for digits in range(6, 12))
    return next(t for t in texts if struct.unpack('f', struct.pack('f', float(t)))[0] == rounded)


def near_zero(f, limit, threshold=mpf(10) ** -12):
    """A quotient that cannot be evaluated at 0, continued by its limit."""
    return lambda x: f(x) if abs(x) > threshold else limit + mpf(0) * x


def of_root(f):
    return lambda z: f(sqrt(z))


def scaled_complement(k):
    def value(t):
        if t >= 1:
            return 2 / sqrt(pi)
        a = k * (1 + t) / (1 - t)
        if a <= 40:
            return (1 + 2 * a) * exp(a * a) * erfc(a)
        total, term, n = mpf(0), mpf(1), 0
        while abs(term) > mpf(10) ** -45:
            total, term, n = total + term, -term * (2 * n + 1) / (2 * a * a), n + 1
        return (1 + 2 * a) * total / (a * sqrt(pi))
    return value


def stirling(z):
    if z < mpf(1) / 160000:
        return mpf(1) / 12 - z / 360 + z ** 2 / 1260 - z ** 3 / 1680 + z ** 4 / 1188
    x = 1 / sqrt(z)
    return (loggamma(x) - (x - mpf(1) / 2) * log(x) + x - log(2 * pi) / 2) * x


def fits():
    """name, whether for f32, degree, function, interval, weight."""
    radius, square = log(2) / 2 * mpf('1.01'), (3 - 2 * sqrt(mpf(2))) ** 2
    reduced, quarter = mpf('0.82') ** 2, mpf(1) / 16
    root = findroot(lambda x: digamma(x), 1.4616321449683623)
    exponential = near_zero(lambda r: (expm1(r) - r) / r ** 2, mpf(1) / 2)
    logarithm = near_zero(lambda f: (log1p(f) - f + f * f / 2) / f ** 3, mpf(1) / 3, mpf(10) ** -9)
    gamma = near_zero(lambda d: loggamma(2 + d) / d, 1 - euler, mpf(10) ** -20)
    psi0 = near_zero(lambda d: digamma(root + d) / d, psi(1, root), mpf(10) ** -15)
    odd = near_zero(lambda s: (2 * atanh(s) - 2 * s) / s ** 3, mpf(2) / 3, mpf(10) ** -9)
    quintic = near_zero(lambda s: (2 * atanh(s) - 2 * s - 2 * s ** 3 / 3) / s ** 5, mpf(2) / 5, mpf(10) ** -6)
    sine = near_zero(lambda r: (sin(r) - r) / r ** 3, -mpf(1) / 6)
    cosine = near_zero(lambda r: (cos(r) - 1 + r * r / 2) / r ** 4, mpf(1) / 24, mpf(10) ** -8)
    sine_pi = near_zero(lambda r: (sin(pi * r) - pi * r) / r ** 3, -pi ** 3 / 6)
    cosine_pi = near_zero(lambda r: (cos(pi * r) - 1) / r ** 2, -pi ** 2 / 2)
    error = near_zero(lambda x: erf(x) / x - 1, 2 / sqrt(pi) - 1)
    for single, degree in ((True, 4), (False, 10)):
        yield 'exp', single, degree, exponential, (-radius, radius), lambda r: r ** 2 / exp(r)
    yield 'log', True, 7, logarithm, (sqrt(mpf(.5)) - 1, sqrt(mpf(2)) - 1), lambda f: abs(f ** 3 / log1p(f)) if f else mpf(0)
    yield 'log', False, 6, of_root(odd), (0, square), lambda z: z
    for single, degree in ((True, 2), (False, 6)):
        yield 'pow', single, degree, of_root(quintic), (0, square), lambda z: z ** 2
    for single, degree in ((True, 2), (False, 5)):
        yield 'sin', single, degree, of_root(sine), (0, reduced), lambda z: z * sqrt(z) / sin(sqrt(z)) if z else mpf(0)
        yield 'cos', single, degree, of_root(cosine), (0, reduced), lambda z: z * z / cos(sqrt(z))
    for single, degree in ((True, 2), (False, 6)):
        yield 'sinpi', single, degree, of_root(sine_pi), (0, quarter), lambda z: z * sqrt(z) / sin(pi * sqrt(z)) if z else mpf(0)
    for single, degree in ((True, 3), (False, 6)):
        yield 'cospi', single, degree, of_root(cosine_pi), (0, quarter), lambda z: z / cos(pi * sqrt(z))
    for single, degree in ((True, 6), (False, 11)):
        yield 'erf', single, degree, of_root(error), (0, 1), lambda z: sqrt(z) / erf(sqrt(z)) if z else sqrt(pi) / 2
    for single, degree, k in ((True, 11, mpf(3)), (False, 22, mpf('3.75'))):
        yield 'erfcx', single, degree, scaled_complement(k), (-1, 1), lambda t, f=scaled_complement(k): 1 / f(t)
    for single, degree in ((True, 8), (False, 17)):
        yield 'loggamma', single, degree, gamma, (-.5, .5), lambda d: 1 / gamma(d)
    for single, degree, start in ((True, 1, 4), (False, 5, 8)):
        yield 'stirling', single, degree, stirling, (0, 1 / mpf(start) ** 2), lambda z: sqrt(z)
    for single, degree, width in ((True, 9, .5), (False, 16, .3)):
        yield 'digamma', single, degree, psi0, (-width, width), lambda d: 1 / psi0(d)


for name, is_single, degree, function, interval, weight in fits():
    if len(sys.argv) < 2 or sys.argv[1] == name:
        polynomial, largest = remez(function, degree, *interval, weight)
        print(f'{name} (f{32 if is_single else 64}), error {nstr(largest, 3)}:')
        print('    ' + ', '.join(shortest(c, is_single) for c in polynomial))

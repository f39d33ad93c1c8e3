"""Luck with people in the second model (docs/model.md, Section 5): plain sums of beta-binomial chances."""

import math
from statistics import NormalDist

ROUNDING = 1e-9


def successes(u: float, n: float, p: float, rho: float) -> float:
    """The people who achieve an outcome in one cell, from its uniform number."""
    p = min(max(p, 0.0), 1.0)
    if n <= 0 or math.isnan(u):
        return n * p
    rho = 0.0 if rho < 1e-12 else min(rho, 1 - 1e-9)
    rarer = min(p, 1 - p)
    if n * rarer > 30 * (1 + ROUNDING) and rarer * (1 - rho) >= 8 * rho * (1 - ROUNDING):
        return by_normal_score(u, n, p, rho)
    u = min(max(u, 1e-10), 1 - 1e-10)
    whole = math.floor(n)
    part = n - whole
    for_certain, with_one_more = chances(whole, p, rho), chances(whole + 1, p, rho)
    below = 0.0
    for k in range(math.ceil(n) + 1):
        below += part * with_one_more[k] + ((1 - part) * for_certain[k] if k <= whole else 0.0)
        if below >= u:
            return k
    return math.ceil(n)


def chances(people: int, p: float, rho: float) -> list[float]:
    """The chance of 0, 1, … of so many people, each with chance p and correlation rho with each other."""
    a, b = p * (1 - rho), (1 - p) * (1 - rho)
    if a == 0:
        return [1.0] + [0.0] * people
    if b == 0:
        return [0.0] * people + [1.0]
    rising_a, rising_b, rising_all, factorial = [0.0], [0.0], [0.0], [0.0]
    for i in range(people):
        rising_a.append(rising_a[-1] + math.log(a + i * rho))
        rising_b.append(rising_b[-1] + math.log(b + i * rho))
        rising_all.append(rising_all[-1] + math.log(1 - rho + i * rho))
        factorial.append(factorial[-1] + math.log(i + 1))
    return [
        math.exp(
            factorial[people] - factorial[k] - factorial[people - k]
            + rising_a[k] + rising_b[people - k] - rising_all[people]
        )
        for k in range(people + 1)
    ]  # fmt: skip


def by_normal_score(u: float, n: float, p: float, rho: float) -> float:
    """Many people: a normal score bent to the skewness and kurtosis of the beta-binomial, rounded to whole people."""
    q, whole = 1 - p, math.floor(n)
    part = n - whole
    z = min(max(NormalDist().inv_cdf(u), -5.0), 5.0)
    wider = 1 + (n - 1) * rho
    variance = n * p * q * wider
    g1 = (q - p) * (2 * wider - 1 + rho) / ((1 + rho) * math.sqrt(variance))
    fourth = (1 - rho) * (1 - rho + (6 * n - 1) * rho)
    fourth += 3 * p * q * ((n - 2) * (1 - rho) ** 2 - n * (6 - n) * rho * (1 - rho))
    fourth += (6 - 18 * p * q) * (n * rho) ** 2
    g2 = fourth / (variance * (1 + rho) * (1 + 2 * rho)) - 3
    h = z + g1 * (z**2 - 1) / 6 + g2 * (z**3 - 3 * z) / 24 - g1**2 * (2 * z**3 - 5 * z) / 36
    pairs = whole * (whole - 1) + 2 * part * whole  # E[N(N − 1)] with N = whole or whole + 1
    spread = math.sqrt(p * q * (n + rho * pairs) + p**2 * part * (1 - part) - 1 / 12)
    return min(max(math.floor(n * p + spread * h + 0.5), 0), math.ceil(n))

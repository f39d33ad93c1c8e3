"""The standard normal: scores of shares, and shares of scores."""

from __future__ import annotations

import numpy as np

from sibmodel.core.timeline import FloatArray

# Wichura 1988, algorithm AS 241 (PPND16), Applied Statistics 37:477-484: numerators and denominators, highest power
# first, of three rational functions, each accurate to about 16 digits. So no run needs SciPy for its scores alone.
_MIDDLE = (
    (
        2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
        13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
    ),
    (
        5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
        5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
    ),
)  # fmt: skip
_TAIL = (
    (
        7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
        3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
        0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0,
    ),
)  # fmt: skip
_FAR_TAIL = (
    (
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
        0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
        0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0,
    ),
)  # fmt: skip
_WIDTH, _FAR = 0.425, 5.0

Ratio = tuple[tuple[float, ...], tuple[float, ...]]


def score(share: FloatArray) -> FloatArray:
    """The standard normal score below which a share lies, Φ⁻¹; infinite at 0 and 1."""
    from_middle = np.asarray(share) - 0.5
    out = np.asarray(from_middle * _ratio(_MIDDLE, _WIDTH**2 - from_middle**2))
    outside = np.abs(from_middle) > _WIDTH
    if outside.any():
        u = np.asarray(share)[outside]
        with np.errstate(divide="ignore"):
            depth = np.sqrt(-np.log(np.minimum(u, 1.0 - u)))
        near = np.minimum(depth, _FAR)
        far = np.where(np.isfinite(depth), np.maximum(depth, _FAR), _FAR)
        size = np.where(depth <= _FAR, _ratio(_TAIL, near - 1.6), _ratio(_FAR_TAIL, far - _FAR))
        out[outside] = np.copysign(np.where(np.isfinite(depth), size, np.inf), from_middle[outside])
    return out


def _ratio(of: Ratio, x: FloatArray) -> FloatArray:
    """One polynomial over another."""
    above, below = (_polynomial(coefficients, x) for coefficients in of)
    return np.asarray(above / below)


def _polynomial(coefficients: tuple[float, ...], x: FloatArray) -> FloatArray:
    out = np.full(x.shape, coefficients[0])
    for coefficient in coefficients[1:]:
        out = out * x + coefficient
    return out


def share_below(score: FloatArray) -> FloatArray:
    """The share of a standard normal below a score, Φ."""
    from scipy.special import ndtr  # slow to import, so only where numbers move together or are moved

    return np.asarray(ndtr(score))

"""How many dimensions carry the variance?"""

from embaudit.bounds import Bound, exact, undefined
from embaudit.evidence import Evidence
from embaudit.geometry import spectrum
from embaudit.measures.separation import USUAL
from embaudit.report import Measure

GROUP = "Spectrum"
POINT = "all rows coincide: there is no variance"


def participation_ratio(evidence: Evidence) -> Bound:
    """(tr S)^2 / tr S^2."""
    value = spectrum.participation_ratio(evidence.moments.eigen[0])
    return undefined(POINT) if value is None else exact(value)


def entropy_rank(evidence: Evidence) -> Bound:
    """exp H of the eigenvalue shares."""
    value = spectrum.entropy_rank(evidence.moments.eigen[0])
    return undefined(POINT) if value is None else exact(value)


PARTICIPATION_RATIO = Measure(
    id="participation_ratio",
    title="Participation ratio",
    group=GROUP,
    unit="dimensions",
    better="higher",
    formula="(tr S)^2 / tr S^2, S the centred covariance",
    range="1 to n",
    source="the inverse Simpson index of the eigenvalue shares",
    says="the variance is worth {value} equal dimensions (large ones count most)",
    meaning=(
        "One for a line, n for a sphere. A classifier under neural collapse legitimately has "
        "C - 1, so compare it with the number of classes."
    ),
    advice="Below 2 with five classes or more: dimensional collapse.",
    presets=USUAL,
    compute=participation_ratio,
    needs_labels=False,
)
ENTROPY_RANK = Measure(
    id="entropy_rank",
    title="Entropy rank",
    group=GROUP,
    unit="dimensions",
    better="higher",
    formula="exp H(lambda / sum lambda), lambda the eigenvalues of the centred covariance",
    range="1 to n",
    source="Roy & Vetterli 2007, the effective rank, here of the covariance",
    says="the variance is spread over {value} effective dimensions",
    meaning="Like the participation ratio, kinder to small dimensions.",
    advice="Below a tenth of min(C - 1, n) (without labels: a twentieth of min(N - 1, n)): a "
    "warning of dimensional collapse.",
    presets=USUAL,
    compute=entropy_rank,
    needs_labels=False,
)

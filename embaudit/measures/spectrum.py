"""How many dimensions carry the variance?"""

from functools import partial

from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.evidence import Evidence
from embaudit.geometry import effective_rank
from embaudit.measures.measure import USUAL, Measure

GROUP = "Spectrum"
POINT = "all rows coincide: there is no variance"
ZERO = "all rows are zero: they span nothing"


def participation_ratio(evidence: Evidence) -> Estimate:
    """(tr S)^2 / tr S^2."""
    value = evidence.moments.axes.participation
    return undefined(POINT) if value is None else exact(value)


def entropy_rank(evidence: Evidence) -> Estimate:
    """exp H of the eigenvalue shares."""
    value = effective_rank.entropy_rank(evidence.moments.axes.values)
    return undefined(POINT) if value is None else exact(value)


def rankme(evidence: Evidence) -> Estimate:
    """exp H of the singular value shares."""
    found = effective_rank.rank_of_rows(evidence.points, evidence.moments)
    return undefined(ZERO) if found is None else found


spec = partial(
    Measure, group=GROUP, unit="dimensions", better="higher", presets=USUAL, needs_labels=False
)
PARTICIPATION_RATIO = spec(
    id="participation_ratio",
    title="Participation ratio",
    formula="(tr S)^2 / tr S^2, S the centred covariance",
    range="1 to n",
    low="near 1: the variance lies along a line; see dimensional_collapse",
    high="near n: it is the same in all directions",
    source="the inverse Simpson index of the eigenvalue shares",
    says="the variance is worth {value} equal dimensions (large ones count most)",
    meaning=(
        "One for a line, n for a sphere. A classifier under neural collapse legitimately has "
        "C - 1, so compare it with the number of classes."
    ),
    advice="Near 1 with several classes: one direction drowns the others; dimensional_collapse "
    "says whether these still tell the classes apart.",
    compute=participation_ratio,
)
ENTROPY_RANK = spec(
    id="entropy_rank",
    title="Entropy rank",
    formula="exp H(lambda / sum lambda), lambda the eigenvalues of the centred covariance",
    range="1 to n",
    low="few directions carry the variance; see dimensional_collapse",
    high="many do; compare participation_ratio, where large ones count most",
    source="Roy & Vetterli 2007, the effective rank, here of the covariance",
    says="the variance is spread over {value} effective dimensions",
    meaning="Like the participation ratio, kinder to small dimensions.",
    advice="Compare it with min(C - 1, n), what C class means can span; whether too few directions "
    "are in use, dimensional_collapse says.",
    compute=entropy_rank,
)
RANKME = spec(
    id="rankme",
    title="RankMe",
    formula="exp H(sigma / sum sigma), sigma the singular values of the uncentred matrix of rows",
    range="1 to min(N, n); undefined where all rows are zero",
    low="few directions are in use, or all rows share a large offset",
    high="many are; its paper finds such checkpoints of one training method better downstream",
    source="Garrido et al. 2022, arXiv 2210.02885",
    definition=3,
    says="the rows span {value} effective dimensions, offset included",
    meaning=(
        "As its paper has it, but for a constant of 1e-7: not centred, and of singular values, "
        "which are roots of eigenvalues, so small dimensions count more than in entropy_rank. Its "
        "use is to compare checkpoints of one architecture; a large offset that all rows share "
        "makes it small. From 2,048 dimensions on an interval: the eigenvalues of the uncentred "
        "second moments lie between those of the covariance. It is a hundredth wide at most."
    ),
    advice="Falling in training: dimensional collapse; compare entropy_rank, which is centred.",
    compute=rankme,
)

MEASURES = (PARTICIPATION_RATIO, ENTROPY_RANK, RANKME)

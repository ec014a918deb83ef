"""A small network of torch whose training really collapses: batch-hard, and far too much decay.

All rows come to one point: there the loss of a triplet is the margin, and its gradient vanishes
with the weights.
"""

import torch
from torch import nn

ROWS, DIM, CLASSES, MARGIN = 96, 16, 8, 0.2


class Network(nn.Module):
    """Three layers, one of which behaves otherwise in training."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(DIM, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.ReLU(),
            nn.Linear(64, 8),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def rows(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(ROWS, DIM) and their classes; another seed draws other rows of the same classes."""
    centres = torch.randn(CLASSES, DIM, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(ROWS) % CLASSES
    noise = torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(seed))
    return centres[labels] + 0.5 * noise, labels


def batch_hard(points: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The triplet loss of the hardest positive and negative of each row."""
    distances = torch.cdist(points, points)
    same = labels[:, None] == labels
    furthest = (distances - 9 * ~same).amax(1)
    nearest = (distances + 9 * same).amin(1)
    return nn.functional.relu(furthest - nearest + MARGIN).mean()


def optimizer(network: nn.Module) -> torch.optim.Optimizer:
    """Halves all weights at each step."""
    return torch.optim.SGD(network.parameters(), lr=0.5, weight_decay=1.0)

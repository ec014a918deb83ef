"""`python -m tests.docs` writes the parts of the documentation that are made from the code."""

from tests.docs.generated import PARTS
from tests.docs.parts import write

if __name__ == "__main__":
    for name, (page, made) in PARTS.items():
        write(page, {name: made()})

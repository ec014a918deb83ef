"""Pages in a real browser, at the widths of a desk and of a phone: opt in with -m browser.

Needs Chromium: `apt-get install chromium`, `brew install --cask chromium`, or EMBAUDIT_CHROMIUM
names the program. EMBAUDIT_SCREENSHOTS names a directory that keeps the screenshots, to look at.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from embaudit.measures import MEASURES
from embaudit.render import forecast_document
from embaudit.render.html import audit_page, comparison_page, document_page, trend_page
from tests.cli.test_cli import embaudit
from tests.render import samples
from tests.render.html.test_audit import KEPT, small
from tests.render.html.test_comparison import compared, save
from tests.render.test_forecast import sweep
from tests.render.test_trend import EVERY

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = os.environ.get("EMBAUDIT_CHROMIUM") or next(
    filter(None, map(shutil.which, PROGRAMS)), ""
)
SAMPLE = Path(__file__).resolve().parents[3] / "sample_data" / "healthy.parquet"
WIDTHS = {"desk": 1280, "phone": 390}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium"),
]


def comparison_of(*names):
    with TemporaryDirectory() as folder:
        return comparison_page(compared(save(Path(folder)), *names), MEASURES)


PAGES = {
    **{
        name: lambda make=make: audit_page(make(), samples.MEASURES, KEPT)
        for name, make in samples.EVERY.items()
    },
    **{
        f"series {name}": lambda one=one: trend_page(one, samples.MEASURES)
        for name, one in EVERY.items()
    },
    "compared": lambda: comparison_of("was", "moved"),
    "several": lambda: comparison_of("was", "worse", "moved", "mended"),
    "real": lambda: audit_page(small(), MEASURES),
    "forecast": lambda: document_page(forecast_document(sweep())),
    "plane": lambda: audit_page(small(dim=2, rows=60), MEASURES),
}


def measured(page: Path, width: int, folder: Path) -> tuple[int, int]:
    """How wide and how high a page is on a screen of such a width, in pixels.

    The script is of the frame about it.
    """
    frame = folder / "measure.html"
    frame.write_text(
        f'<body><iframe id="page" src="{page.name}" width={width} height=800></iframe><script>'
        "onload = () => { const it = document.getElementById('page').contentDocument"
        ".documentElement; document.title = it.scrollWidth + ' ' + it.scrollHeight }</script>"
    )
    done = run("--allow-file-access-from-files", "--dump-dom", folder, frame)
    wide, high = re.search(r"<title>(\d+) (\d+)</title>", done.stdout).groups()
    return int(wide), int(high)


def printed(page: Path, folder: Path) -> int:
    """How many pages of A4 it takes."""
    target = folder / "printed.pdf"
    run(f"--print-to-pdf={target}", "--no-pdf-header-footer", folder, page)
    return len(re.findall(rb"/Type\s*/Page\b", target.read_bytes()))


def run(*asked) -> subprocess.CompletedProcess[str]:
    """The browser with options, then a folder for its profile, then the page to open."""
    *options, folder, page = asked
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-background-networking", *options),
            *(f"--user-data-dir={folder / 'profile'}", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_the_sample_is_short(tmp_path):
    """At most 8 screens of a desk, 14 of a phone, 12 printed pages."""
    sample = str(SAMPLE)
    done = embaudit(tmp_path, "audit", sample, "-q", "-o", "page.html")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "page.html"
    assert measured(page, 1280, tmp_path)[1] <= 8 * 800
    assert measured(page, 390, tmp_path)[1] <= 14 * 844
    assert 2 <= printed(page, tmp_path) <= 12


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", ["regressed", "several", "real"])
def test_no_page_is_wider_than_its_screen(name, width, tmp_path):
    """Wide tables scroll by themselves."""
    page = tmp_path / "page.html"
    page.write_text(PAGES[name](), encoding="utf-8")
    assert measured(page, width, tmp_path)[0] <= width


def opened(page: Path, width: int, folder: Path, dark: bool = False) -> tuple[Path, str, set[str]]:
    """A screenshot of a page, what the browser logged, and which hosts were asked."""
    shot, log = folder / f"{page.stem}-{width}.png", folder / "net.json"
    frame = folder / "frame.html"  # a window cannot be as narrow as a phone
    frame.write_text(
        f'<body style="margin:0"><iframe src="{page.name}" width={width} height=6000 frameborder=0>'
    )
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-background-networking", "--enable-logging=stderr", "--v=0"),
            f"--window-size={max(width, 600)},6000",
            *(["--blink-settings=preferredColorScheme=0"] if dark else []),
            f"--log-net-log={log}",
            f"--screenshot={shot}",
            f"--user-data-dir={folder / 'profile'}",
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    events = json.loads(log.read_text())["events"]
    urls = [event.get("params", {}).get("url", "") for event in events]
    hosts = {urlsplit(url).hostname for url in urls if not url.startswith(("file:", "data:"))}
    return shot, done.stderr, hosts


@pytest.fixture(scope="module")
def errands(tmp_path_factory):
    """Hosts that the browser asks of its own accord, whatever it shows."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "empty.html").write_text("<!DOCTYPE html><title>empty</title>")
    return opened(folder / "empty.html", 600, folder)[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_browser_shows_it_and_asks_nobody(name, width, dark, tmp_path, errands):
    page = tmp_path / f"{name}-{'dark' if dark else 'light'}.html"
    page.write_text(PAGES[name](), encoding="utf-8")
    shot, log, hosts = opened(page, width, tmp_path, dark)
    assert [line for line in log.splitlines() if ":CONSOLE" in line] == []
    assert hosts <= errands
    with Image.open(shot) as found:
        picture = np.asarray(found.convert("L"), dtype=float)[:, :width]
    assert picture.std() > 5  # something is there
    assert (picture.mean() < 128) == dark
    if folder := os.environ.get("EMBAUDIT_SCREENSHOTS"):
        shutil.copy(shot, Path(folder))

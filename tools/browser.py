"""See to it that there is a browser for the tests of the pages.

Playwright drives whichever Chromium or Chrome is on the path. It is never asked to download
one of its own, which works on few systems and pins nothing; Debian's is one `apt-get` away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-liberation")
ADVICE = "Install Chromium or Google Chrome, and put it on the path under one of: "


def main() -> None:
    """Say nothing where there is a browser; else install one, or tell what is needed."""
    if found():
        return
    if shutil.which("apt-get"):
        install()
    if not found():
        sys.exit(f"The tests need a browser. {ADVICE}{', '.join(NAMES)}")


def found() -> str | None:
    """The path of the first browser that is there."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Install Debian's Chromium. If that fails, apt-get has said why."""
    sudo = ["sudo"] if os.geteuid() != 0 and shutil.which("sudo") else []
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    print(f"Installing {' and '.join(PACKAGES)}, for the tests of the pages ...", flush=True)
    subprocess.run([*apt, "update"], check=False)
    subprocess.run([*apt, "install", "--yes", "--no-install-recommends", *PACKAGES], check=False)


if __name__ == "__main__":
    main()

"""The installed program: its files, its manual page, and its unit."""

import re
import shutil
import subprocess
import unittest

from harness import HELIOGRAPH, folder, install, run
from test_completion import commands_of


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = run(HELIOGRAPH, "manual")

    def test_every_command_and_option_of_the_help_is_in_it(self):
        text = self.page.replace("\\-", "-")
        sections = dict(re.findall(r"^\.Ss heliograph (.*)\n((?:(?!\.S[sh]).*\n)+)", text, re.MULTILINE))
        known = commands_of()
        for path, options in known.items():
            if any(other[:-1] == path for other in known):
                continue
            section = sections[" ".join(path)]
            for option in options - {"--help"}:
                self.assertIn(f'.Fl "{option[1:]}"', section.replace(".It Fl", ".Fl"), path)

    def test_no_line_is_taken_for_a_macro_by_mistake(self):
        for line in self.page.splitlines():
            self.assertRegex(line, r"^([^.']|\.[A-Z][a-z] ?)", line)

    def test_mandoc_finds_nothing_to_warn_of(self):
        if shutil.which("mandoc") is None:
            self.skipTest("mandoc is not installed")
        run("mandoc", "-T", "lint", "-W", "warning", input=self.page)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = folder(cls)
        install(cls.prefix, "program")

    def test_the_files_are_where_they_are_looked_for(self):
        for name in (
            "bin/heliograph",
            "share/man/man1/heliograph.1",
            "share/bash-completion/completions/heliograph",
            "share/zsh/vendor-completions/_heliograph",
            "share/fish/vendor_completions.d/heliograph.fish",
            "share/doc/heliograph/LICENSE",
            "share/doc/heliograph/examples/heliograph.toml",
            "share/doc/heliograph/examples/heliograph.socket",
            "lib/systemd/system/heliograph.service",
            "lib/sysusers.d/heliograph.conf",
            "etc/heliograph/heliograph.toml",
        ):
            self.assertTrue((self.prefix / name).stat().st_size > 0, name)

    def test_the_unit_starts_the_installed_program_with_the_installed_configuration(self):
        unit = (self.prefix / "lib/systemd/system/heliograph.service").read_text()
        self.assertIn(f"ExecStart={self.prefix}/bin/heliograph serve "
                      f"--config {self.prefix}/etc/heliograph/heliograph.toml\n", unit)
        self.assertNotIn("@", unit.replace("@system-service", "").replace("@privileged", "")
                         .replace("@resources", ""))

    def test_the_manager_waits_for_the_whole_drain(self):
        unit = (self.prefix / "lib/systemd/system/heliograph.service").read_text()
        patience = int(re.search(r"^TimeoutStopSec=(\d+)s$", unit, re.MULTILINE).group(1))
        example = (self.prefix / "share/doc/heliograph/examples/heliograph.toml").read_text()
        drain = int(re.search(r"^#drain-time = (\d+)$", example, re.MULTILINE).group(1))
        # Clients that do not close when they are told to have ten seconds more.
        self.assertGreater(patience, drain + 10)

    def test_the_configuration_is_understood(self):
        """All that is wrong with it is that certificate and users are still missing."""
        done = subprocess.run(
            [self.prefix / "bin/heliograph", "serve", "--config",
             self.prefix / "etc/heliograph/heliograph.toml", "--listen", "127.0.0.1:0"],
            text=True, capture_output=True)
        self.assertEqual(done.returncode, 66, done.stderr)

    def test_check_reads_the_configuration_too(self):
        done = subprocess.run(
            [self.prefix / "bin/heliograph", "check", "--config",
             self.prefix / "etc/heliograph/heliograph.toml"], text=True, capture_output=True)
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn(f"{self.prefix}/etc/heliograph/server.crt", done.stdout)

    def test_the_keys_that_the_configuration_comments_out_exist(self):
        text = (self.prefix / "etc/heliograph/heliograph.toml").read_text()
        keys = re.findall(r"^#?([a-z-]+) = ", text, re.MULTILINE)
        self.assertGreater(len(keys), 5)
        options = commands_of()[("serve",)]
        for key in keys:
            self.assertIn("--" + key, options)

    def test_the_unit_leaves_little_to_attack(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        said = run("systemd-analyze", "security", "--offline=yes", "--no-pager",
                   self.prefix / "lib/systemd/system/heliograph.service")
        exposure = float(re.search(r"exposure level for heliograph\.service: ([\d.]+)", said).group(1))
        self.assertLess(exposure, 2.0, said)

    def test_the_pool_may_lower_its_priority(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        unit = (self.prefix / "lib/systemd/system/heliograph.service").read_text()
        allowed = False
        for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
            words = line.removeprefix("~").split()
            sets = [word for word in words if word.startswith("@")]
            calls = run("systemd-analyze", "syscall-filter", "--no-pager", *sets) if sets else ""
            if "setpriority" in [*words, *calls.split()]:
                allowed = not line.startswith("~")
        self.assertTrue(allowed)

    def test_systemd_understands_the_unit(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
             self.prefix / "lib/systemd/system/heliograph.service"], text=True, capture_output=True)
        self.assertNotIn("heliograph.service", done.stderr)


if __name__ == "__main__":
    unittest.main()

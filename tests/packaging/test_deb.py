"""The Debian package of the server, as it is on its way to a host."""

import pathlib
import re
import shutil
import stat
import subprocess
import unittest

from harness import BUILD, CPACK, HERE, folder, run

SCRIPTS = ["postinst", "postrm", "prerm"]


@unittest.skipIf(shutil.which("dpkg-shlibdeps") is None, "dpkg-dev is not installed")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = folder(cls)
        run(CPACK, "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", cls.folder,
            "-D", "CPACK_COMPONENTS_ALL=program", cwd=BUILD)
        (cls.package,) = cls.folder.glob("heliograph_*.deb")
        cls.tree = cls.folder / "tree"
        run("dpkg-deb", "--raw-extract", cls.package, cls.tree)
        cls.fields = dict(re.findall(r"^(\S+): (.*)", run("dpkg-deb", "--field", cls.package),
                                     re.MULTILINE))

    def text(self, name):
        return (self.tree / name).read_text()

    def test_it_depends_on_the_libraries_that_the_program_is_linked_with(self):
        depends = self.fields["Depends"]
        for library in ("libc6", "libssl3", "zlib1g", "libsimdjson"):
            self.assertIn(library, depends)
        self.assertIn("systemd-sysusers", depends)

    def test_nobody_is_named_as_its_maintainer_unless_that_was_asked_for(self):
        cache = (BUILD / "CMakeCache.txt").read_text()
        maintainer = re.search(r"^HELIOGRAPH_MAINTAINER:STRING=(.*)$", cache, re.MULTILINE).group(1)
        self.assertEqual(self.fields["Maintainer"], maintainer)

    def test_the_configuration_is_the_operators(self):
        self.assertEqual(self.text("DEBIAN/conffiles"), "/etc/heliograph/heliograph.toml\n")
        self.assertIn('cert = "/etc/heliograph/server.crt"\n',
                      self.text("etc/heliograph/heliograph.toml"))

    def test_the_unit_and_the_user_are_in_it(self):
        self.assertIn("ExecStart=/usr/bin/heliograph serve "
                      "--config /etc/heliograph/heliograph.toml\n",
                      self.text("usr/lib/systemd/system/heliograph.service"))
        self.assertIn("u heliograph ", self.text("usr/lib/sysusers.d/heliograph.conf"))

    def test_it_has_what_debian_wants_to_find_with_every_package(self):
        documentation = self.tree / "usr/share/doc/heliograph"
        for name in ("copyright", "changelog.gz", "changelog.Debian.gz"):
            self.assertTrue((documentation / name).is_file(), name)
        self.assertTrue((self.tree / "usr/share/man/man1/heliograph.1.gz").is_file())

    def test_all_belongs_to_root_and_nobody_else_may_write(self):
        listed = run("dpkg-deb", "--contents", self.package).splitlines()
        self.assertGreater(len(listed), 20)
        for line in listed:
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertEqual((mode[5], mode[8]), ("-", "-"), line)
            self.assertNotIn("s", mode, line)

    def test_nothing_lies_outside_of_usr_and_etc(self):
        top = {path.name for path in self.tree.iterdir()}
        self.assertEqual(top, {"DEBIAN", "usr", "etc"})

    def test_the_maintainer_scripts_are_scripts(self):
        for name in SCRIPTS:
            path = self.tree / "DEBIAN" / name
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o755)
            run("sh", "-n", path)

    def test_nothing_names_the_place_of_the_build(self):
        place = str(pathlib.Path(HERE).parents[1]).encode()
        # A debug build has assertions, which name their sources.
        program = self.tree / "usr/bin/heliograph"
        for path in self.tree.rglob("*"):
            if path.is_file() and path != program:
                self.assertNotIn(place, path.read_bytes(), path)

    def test_lintian_finds_no_errors(self):
        if shutil.which("lintian") is None:
            self.skipTest("lintian is not installed")
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", self.package],
                              text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

"""The installed libraries, used by programs outside the tree."""

import os
import pathlib
import subprocess
import unittest

from harness import CMAKE, CXX, HERE, VERSION, folder, install, run

ROOMS = ["base", "crypto", "http", "resp", "signal", "tls", "ws"]
SAID = "over TLS, over nothing\n"
MINOR = VERSION.rsplit(".", 1)[0]


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Installed in one place and used in another: nothing in it may name a place.
        first = folder(cls)
        install(first / "installed", "development")
        cls.prefix = first / "moved"
        (first / "installed").rename(cls.prefix)
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(next(cls.prefix.rglob("pkgconfig"))),
        }

    def configure(self, build, version=MINOR, components=("tls", "ws")):
        return subprocess.run(
            [CMAKE, "-S", HERE / "consumer", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
             f"-DCMAKE_CXX_COMPILER={CXX}", f"-DWANTED_VERSION={version}",
             f"-DWANTED_COMPONENTS={';'.join(components)}"],
            text=True, capture_output=True)

    def refused(self, **wanted):
        done = self.configure(folder(self), **wanted)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return " ".join(done.stderr.split())

    def test_a_cmake_project_finds_the_components_and_what_they_need(self):
        build = folder(self)
        done = self.configure(build)
        self.assertEqual(done.returncode, 0, done.stderr)
        run(CMAKE, "--build", build)
        self.assertEqual(run(build / "conversation"), SAID)

    def test_a_cmake_project_that_names_no_component_gets_all(self):
        done = self.configure(folder(self), components=())
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_component_can_be_asked_for_alone(self):
        for room in ROOMS:
            done = self.configure(folder(self), components=[room])
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_component_that_is_not_there_is_named(self):
        self.assertIn("no component 'quic'", self.refused(components=["tls", "quic"]))

    def test_another_minor_version_is_refused(self):
        major, minor = map(int, MINOR.split("."))
        self.assertIn("requested version", self.refused(version=f"{major}.{minor + 1}"))

    def test_pkg_config_knows_what_to_compile_and_link_with(self):
        program = folder(self) / "conversation"
        flags = run("pkg-config", "--cflags", "--libs", "heliograph-tls", "heliograph-ws",
                    env=self.environment).split()
        run(CXX, "-std=c++2b", HERE / "consumer/conversation.cpp", "-o", program, *flags)
        self.assertEqual(run(program), SAID)

    def test_every_library_has_a_file_of_pkg_config_that_is_sound(self):
        for room in ROOMS:
            run("pkg-config", "--validate", f"heliograph-{room}", env=self.environment)
            said = run("pkg-config", "--modversion", f"heliograph-{room}", env=self.environment)
            self.assertEqual(said.strip(), VERSION)

    def test_the_headers_compile_with_nothing_but_each_other(self):
        include = self.prefix / "include/heliograph"
        headers = sorted(path.relative_to(include) for path in include.rglob("*.hpp"))
        self.assertEqual(sorted({path.parts[0] for path in headers}), ROOMS)
        source = "".join(f'#include "{path}"\n' for path in headers)
        run(CXX, "-std=c++2b", "-fsyntax-only", "-x", "c++", "-", "-I", include, input=source)

    def test_nothing_that_is_installed_names_the_place_of_the_build(self):
        for path in self.prefix.rglob("*"):
            if path.suffix in (".cmake", ".pc"):
                self.assertNotIn(str(pathlib.Path(HERE).parents[1]), path.read_text(), path)


if __name__ == "__main__":
    unittest.main()

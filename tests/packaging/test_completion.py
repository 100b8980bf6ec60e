"""`heliograph completion`: what shells offer. Each is asked itself, if it is installed."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
import unittest

from harness import HELIOGRAPH, folder, run

# Seconds until something that is waited for counts as never coming.
PATIENCE = 30


def commands_of(*path):
    """The commands that --help lists, with their paths, and the options of each."""
    text = run(HELIOGRAPH, *path, "--help")
    listed = re.search(r"\nSubcommands:\n((?:  .*\n)+)", text)
    found = {path: set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE))}
    for name in re.findall(r"^  (\S+)", listed.group(1), re.MULTILINE) if listed else []:
        found.update(commands_of(*path, name))
    return found


class Completion(unittest.TestCase):
    shell = None

    @classmethod
    def setUpClass(cls):
        if cls.shell is None:
            raise unittest.SkipTest("the base of the others")
        if shutil.which(cls.shell) is None:
            raise unittest.SkipTest(f"{cls.shell} is not installed")
        cls.folder = folder(cls)
        cls.script = cls.folder / f"completion.{cls.shell}"
        cls.script.write_text(run(HELIOGRAPH, "completion", cls.shell))
        (cls.folder / "two words.pem").touch()
        (cls.folder / "certificates").mkdir()

    def check_syntax(self):
        run(self.shell, "-n", self.script)


class Bash(Completion):
    shell = "bash"

    def offered(self, *words):
        """What is offered for the last of the words, which is being typed."""
        line = " ".join(shlex.quote(word) for word in ("heliograph", *words))
        code = (f"source {self.script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
                "_heliograph; printf '%s\\n' \"${COMPREPLY[@]}\"")
        lines = run("bash", "--norc", "-c", code, cwd=self.folder).splitlines()
        return [line for line in lines if line]

    def test_it_is_a_script(self):
        self.check_syntax()

    def test_every_command_and_option_of_the_help_is_offered(self):
        known = commands_of()
        self.assertGreater(len(known), 10)
        for path, options in known.items():
            self.assertLessEqual(options, set(self.offered(*path, "--")), path)
            if path:
                self.assertIn(path[-1], self.offered(*path[:-1], path[-1][:2]))

    def test_what_was_typed_is_completed(self):
        self.assertEqual(self.offered("ser"), ["serve"])
        self.assertEqual(self.offered("serve", "--log-l"), ["--log-level"])
        self.assertEqual(self.offered("cert", "cl"), ["client"])

    def test_choices_are_offered(self):
        self.assertEqual(self.offered("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.offered("serve", "--log-level", "de"), ["debug"])
        self.assertEqual(self.offered("serve", "--log-level", "=", "de"), ["debug"])
        self.assertIn("debug", self.offered("serve", "--log-level", "="))

    def test_files_are_offered_where_a_file_is_wanted(self):
        self.assertEqual(self.offered("serve", "--cert", "two"), ["two words.pem"])
        self.assertEqual(self.offered("serve", "--config", "two"), ["two words.pem"])
        self.assertEqual(self.offered("cert", "ca", "--out", ""), ["certificates"])
        self.assertEqual(self.offered("serve", "--listen", ""), [])

    def test_an_option_before_the_command_does_not_hide_it(self):
        self.assertIn("--workers", self.offered("--config", "x.toml", "serve", "--w"))


class Fish(Completion):
    shell = "fish"

    def offered(self, line):
        code = f"source {self.script}; complete -C {shlex.quote('heliograph ' + line)}"
        lines = run("fish", "--no-config", "-c", code, cwd=self.folder).splitlines()
        return [line.split("\t")[0] for line in lines]

    def test_it_is_a_script(self):
        self.check_syntax()

    def test_every_command_and_option_of_the_help_is_offered(self):
        for path, options in commands_of().items():
            typed = "".join(word + " " for word in path)
            self.assertLessEqual(options, set(self.offered(typed + "--")), path)
            if path:
                self.assertIn(path[-1], self.offered(" ".join((*path[:-1], path[-1][:2]))))

    def test_choices_and_files_are_offered(self):
        self.assertEqual(self.offered("serve --log-level de"), ["debug"])
        self.assertEqual(sorted(self.offered("completion ")), ["bash", "fish", "zsh"])
        self.assertEqual(self.offered("serve --cert tw"), ["two words.pem"])
        self.assertEqual(self.offered("cert ca --out "), ["certificates/"])


class Zsh(Completion):
    shell = "zsh"

    def typed(self, line, expected):
        """Types the line and a tab at a terminal, until `expected` is shown. All that was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"],
                       {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(self.folder)})
        try:
            os.write(terminal, (
                "PS1=; unsetopt zle_bracketed_paste 2>/dev/null; LISTMAX=999; COLUMNS=500; "
                f"autoload -Uz compinit; compinit -D -u; source {self.script}; "
                "print re''ady\n").encode())
            self.wait_for(terminal, "ready")
            os.write(terminal, (line + "\t").encode())
            return self.wait_for(terminal, expected)
        finally:
            os.kill(pid, 9)
            os.close(terminal)
            os.waitpid(pid, 0)

    def wait_for(self, terminal, expected):
        shown = ""
        deadline = time.monotonic() + PATIENCE
        while expected not in shown:
            readable, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
            self.assertTrue(readable, f"{expected!r} was not shown, but {shown!r}")
            shown += os.read(terminal, 65536).decode(errors="replace")
        return shown

    def test_it_is_a_script(self):
        self.check_syntax()

    def test_every_command_and_option_of_the_help_is_in_it(self):
        script = self.script.read_text()
        for path, options in commands_of().items():
            name = "_".join(("_heliograph", *path))
            body = re.search(rf"^{name}\(\) \{{\n(.*?)^\}}", script, re.MULTILINE | re.DOTALL)
            self.assertTrue(body, path)
            for option in options:
                self.assertRegex(body.group(1), rf"'\*?{option}[=\[]", path)

    def test_a_command_is_completed(self):
        self.typed("heliograph comp", "completion ")

    def test_an_option_is_completed(self):
        self.typed("heliograph serve --log-l", "--log-level")

    def test_a_choice_is_completed(self):
        self.typed("heliograph serve --log-level=de", "debug")

    def test_a_command_of_a_command_is_completed(self):
        self.typed("heliograph user pas", "passwd ")

    def test_a_file_is_completed(self):
        self.typed("heliograph check --cert tw", "two\\ words.pem")


class Refusals(unittest.TestCase):
    def test_an_unknown_shell_is_a_wrong_use(self):
        done = subprocess.run([HELIOGRAPH, "completion", "csh"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 64)
        self.assertIn("csh", done.stderr)


if __name__ == "__main__":
    unittest.main()

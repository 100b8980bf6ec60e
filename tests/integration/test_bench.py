"""The benchmarks work: every load does, and what they say is written. Not how fast anything is."""

import json
import subprocess
import sys
import xml.dom.minidom

import harness

SUITE = harness.pathlib.Path(__file__).resolve().parents[2] / "bench/suite"


class Bench(harness.TestCase):
    def run_suite(self, *options):
        folder = harness.Folder(self)
        done = subprocess.run(
            [sys.executable, "-B", SUITE, "--bin", harness.PROGRAMS, "--quick", "--rounds", "1",
             "--seconds", "0.1", "--peers", "none", "--json", folder / "results.json",
             "--docs", folder / "docs", *options],
            capture_output=True, text=True, timeout=400, env=harness.clean_environment(),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        results = json.loads((folder / "results.json").read_text())
        self.assertEqual([row["missing"] for row in results["rows"]], [{}] * len(results["rows"]))
        return folder, results, done.stdout

    def test_every_row_is_measured_and_told(self):
        folder, results, said = self.run_suite()
        for row in results["rows"]:
            with self.subTest(row["work"]):
                # Whoever is idle may cost nothing that can be measured.
                self.assertGreaterEqual(row["figures"][row["servers"][0]]["median"], 0)
                self.assertIn(row["work"], said)
        page = (folder / "docs/benchmarks.md").read_text()
        self.assertTrue(all(row["work"] in page for row in results["rows"]))
        for series in results["series"]:
            self.assertTrue(all(point["median"] > 0 for point in series["points"]))
        for one in results["machines"]:
            self.assertIn(one["work"], page)
            self.assertGreater(one["ours"]["median"], 0)
        pictures = list((folder / "docs/images").iterdir())
        self.assertGreaterEqual(len(pictures), len(results["series"]))
        for picture in pictures:
            xml.dom.minidom.parse(str(picture))
            self.assertIn(f"images/{picture.name}", page)

    def test_without_peers_nothing_is_said_about_targets_beside_them(self):
        _, results, said = self.run_suite("--rows", "ws")
        self.assertEqual([list(row["figures"]) for row in results["rows"]], [["heliograph"]] * 2)
        self.assertIn("to be ≤ 1 × Bun: –, reached: –", said)

    def test_perf_and_strace_are_read(self):
        sys.path.insert(0, str(SUITE))
        import anatomy
        shares = anatomy.shares_of(
            "# Overhead|Shared Object|Symbol\n"
            " 40.50%|[kernel.kallsyms]  |[k] tcp_ack\n"
            " 30.00%|libcrypto.so.3     |[.] EVP_CIPHER_CTX_ctrl\n"
            " 10.25%|heliograph         |[.] heliograph::tls::RecordSealer::seal\n"
            "  0.25%|heliograph         |[.] main\n")
        self.assertAlmostEqual(shares["the kernel"], 0.405)
        self.assertAlmostEqual(shares["libcrypto"], 0.3)
        self.assertAlmostEqual(shares["tls"], 0.1025)
        self.assertAlmostEqual(shares["server"], 0.0025)
        self.assertEqual(
            anatomy.calls_of("% time     seconds  usecs/call     calls    errors syscall\n"
                             "------ ----------- ----------- --------- --------- ----------------\n"
                             " 55.10    0.013500           1      3708       200 recvfrom\n"
                             " 44.90    0.011000           3      3506           sendto\n"
                             "100.00    0.024500           3      7214       200 total\n"),
            {"recvfrom": 3708, "sendto": 3506})

    def test_an_unknown_row_is_refused(self):
        done = subprocess.run([sys.executable, "-B", SUITE, "--rows", "echo,nonsense"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no such rows: nonsense", done.stderr)

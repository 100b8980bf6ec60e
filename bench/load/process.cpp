#include "load/process.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace heliograph::bench {

namespace {

double seconds_on(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::filesystem::path proc(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

void append_children(pid_t pid, std::vector<pid_t>& into) {
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(proc(pid) / "task", gone)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t child = 0; children >> child;) into.push_back(child);
  }
}

}  // namespace

std::vector<pid_t> Processes::all() const {
  std::vector<pid_t> found = roots_;
  for (std::size_t i = 0; i < found.size(); ++i) append_children(found[i], found);
  return found;
}

double Processes::cpu_seconds() const {
  double sum = 0;
  for (const pid_t pid : all()) {
    clockid_t clock{};
    if (::clock_getcpuclockid(pid, &clock) == 0) sum += seconds_on(clock);
  }
  return sum;
}

double Processes::resident_kibibytes() const {
  double sum = 0;
  for (const pid_t pid : all()) {
    std::ifstream status(proc(pid) / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) sum += std::stod(line.substr(line.find(':') + 1));
    }
  }
  return sum;
}

double own_cpu_seconds() {
  return seconds_on(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace heliograph::bench

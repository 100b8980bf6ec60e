#include "server/process_usage.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace heliograph::server {

namespace {

// Fields of /proc/self/stat as proc(5) numbers them.
constexpr std::size_t kFirstField = 3;  // behind the name, which may contain anything
constexpr std::size_t kStartTicks = 22;
constexpr std::size_t kResidentPages = 24;

std::array<double, kResidentPages + 1> read_stat() {
  std::array<double, kResidentPages + 1> fields{};
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(line.substr(name_end + 1));
  std::string state;
  rest >> state;
  for (std::size_t i = kFirstField + 1; i < fields.size(); ++i) rest >> fields[i];
  return fields;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  double time = 0;
  while (file >> word) {
    if (word == "btime" && file >> time) return time;
  }
  return 0;
}

double open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return 0;
  // One of them is what reads the folder.
  return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

}  // namespace

ProcessUsage read_process_usage() {
  const auto stat = read_stat();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime),
          .resident_bytes = stat[kResidentPages] * static_cast<double>(::sysconf(_SC_PAGESIZE)),
          .open_descriptors = open_descriptors(),
          .max_descriptors = static_cast<double>(limit.rlim_cur),
          .started_at = boot_time() + stat[kStartTicks] / ticks};
}

}  // namespace heliograph::server

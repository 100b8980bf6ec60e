#include "app/key_log.hpp"

#include <fstream>
#include <memory>
#include <mutex>
#include <string_view>

#include "app/exit_status.hpp"
#include "app/files.hpp"

namespace heliograph::app {

tls::KeyLog open_key_log(const std::string& path) {
  write_private_file(path, read_file_if_present(path, "key log").value_or(""));
  struct Sink {
    std::mutex mutex;
    std::ofstream file;
  };
  auto sink = std::make_shared<Sink>();
  sink->file.open(path, std::ios::app);
  if (!sink->file) throw Failure(EX_CANTCREAT, "cannot write the key log file '" + path + "'");
  return [sink](std::string_view line) {
    const std::lock_guard lock(sink->mutex);
    sink->file << line << '\n' << std::flush;
  };
}

}  // namespace heliograph::app

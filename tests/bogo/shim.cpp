// The program that the BoringSSL protocol runner ("BoGo") starts for every test: it dials back to
// the runner and speaks TLS through our library in the role, and with the settings, of its command
// line. See README.md in this folder.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/start.hpp"
#include "tests/bogo/arguments.hpp"
#include "tests/bogo/endpoint.hpp"
#include "tests/bogo/exchange.hpp"
#include "tests/bogo/outcome.hpp"
#include "tests/bogo/transport.hpp"

namespace heliograph::bogo {
namespace {

constexpr std::int64_t kMillisecondsPerSecond = 1000;

void run_connection(const Settings& settings, const Settings& retry, bool is_resumption,
                    Memory& memory) {
  Endpoint endpoint(settings, retry, memory);
  Transport transport(settings.port, settings.ipv6, settings.shim_id);
  Exchange(settings, retry, is_resumption, transport, endpoint).run();
}

void run(const std::vector<std::string_view>& words) {
  const Arguments arguments = parse_arguments(words);
  crypto::start();
  if (arguments.initial.wait_for_debugger) std::raise(SIGSTOP);
  Memory memory = make_memory();
  run_connection(arguments.initial, arguments.retry, /*is_resumption=*/false, memory);
  for (std::size_t i = 0; i < arguments.initial.resume_count; ++i) {
    if (!arguments.resume.server && !memory.session) throw Failure{"no session to resume"};
    memory.now += arguments.resume.resumption_delay * kMillisecondsPerSecond;
    run_connection(arguments.resume, arguments.retry, /*is_resumption=*/true, memory);
  }
}

// The runner takes what follows the last line for the report of a sanitizer.
int fail_with(int status, const std::string& what) {
  std::fprintf(stderr, "%s\n--- DONE ---\n", what.c_str());
  return status;
}

int run_to_exit_status(const std::vector<std::string_view>& words) {
  if (!words.empty() && words.back() == "-is-handshaker-supported") {
    std::puts("No");
    return kExitSuccess;
  }
  try {
    run(words);
    return kExitSuccess;
  } catch (const Unimplemented& unimplemented) {
    return fail_with(kExitUnimplemented, "not implemented: " + unimplemented.what);
  } catch (const Failure& failure) {
    return fail_with(kExitFailure, failure.what);
  } catch (const std::exception& exception) {
    return fail_with(kExitFailure, exception.what());
  }
}

}  // namespace
}  // namespace heliograph::bogo

int main(int argc, char** argv) {
  return heliograph::bogo::run_to_exit_status({argv + 1, argv + argc});
}

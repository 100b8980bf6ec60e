// The configuration file: TOML (https://toml.io/en/v1.0.0) without tables, whose keys are the long
// names of a command's options.
//
//   # a comment
//   listen = "127.0.0.1:9090"
//   workers = 4
//   open-relay = true
//   origin = ["https://example.org", "https://example.net"]
//
// What is not such a file is refused with name and line; so is, by name and line, a value that the
// option does not take.
#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include "base/result.hpp"

namespace heliograph::app {

struct ConfigKey {
  std::string name;
  std::vector<std::string> values;  // several for an array
  std::size_t line = 0;             // from 1
};

struct ConfigError {
  std::size_t line = 0;
  std::string text;  // what is wrong, as the rest of a sentence

  bool operator==(const ConfigError&) const = default;
};

Result<std::vector<ConfigKey>, ConfigError> parse_config(std::string_view text);

// Reads the file of --config into the options of the command that is given.
class ConfigFile final : public CLI::Config {
 public:
  // Adds --config to a command line whose command `serve` has the options that are the keys; they
  // count for `check` too.
  static std::shared_ptr<ConfigFile> add_to(CLI::App& root);

  explicit ConfigFile(const CLI::App& root) : root_(root) {}

  // The error that the command line has ended with. If an environment variable or a key of the file
  // is to blame, the error has the option's name, and nothing that counts more overrides it: then
  // the variable, or file and line, stand before it.
  [[nodiscard]] std::string locate(std::string_view error) const;

  // Throws Failure.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
  std::string to_config(const CLI::App* app, bool defaults, bool descriptions,
                        std::string prefix) const override;

 private:
  [[nodiscard]] std::string place(std::size_t line) const;
  [[nodiscard]] const CLI::App* command() const;

  const CLI::App& root_;
  mutable std::vector<ConfigKey> keys_;  // of the file that from_config has read
};

}  // namespace heliograph::app

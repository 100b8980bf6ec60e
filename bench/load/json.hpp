// Just enough JSON to print a result.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace heliograph::bench {

class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text) {
    return add_raw(name, '"' + std::string(text) + '"');
  }
  JsonObject& add(std::string_view name, const JsonObject& object) {
    return add_raw(name, object.text());
  }
  JsonObject& add(std::string_view name, std::integral auto number) {
    return add_raw(name, std::to_string(number));
  }
  JsonObject& add(std::string_view name, double number) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.6g", number);
    return add_raw(name, digits);
  }
  [[nodiscard]] std::string text() const { return '{' + members_ + '}'; }

 private:
  JsonObject& add_raw(std::string_view name, const std::string& value) {
    if (!members_.empty()) members_ += ", ";
    members_ += '"' + std::string(name) + "\": " + value;
    return *this;
  }

  std::string members_;
};

}  // namespace heliograph::bench

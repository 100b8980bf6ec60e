#include "signal/js_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

#include "signal/json_grammar.hpp"
#include "signal/json_string.hpp"

namespace heliograph::signal {
namespace {

// Saturates: an exponent may have any number of digits.
int exponent_value(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  constexpr int kSaturated = 1'000'000;
  int value = 0;
  for (const char digit : text) value = std::min(kSaturated, value * 10 + (digit - '0'));
  return negative ? -value : value;
}

// Whether a number other than 0, without its sign, is 1 or more.
bool is_at_least_one(std::string_view number) {
  const std::size_t exponent_at = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, exponent_at);
  const int exponent =
      exponent_at == std::string_view::npos ? 0 : exponent_value(number.substr(exponent_at + 1));
  const auto point = static_cast<int>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = static_cast<int>(mantissa.find_first_of("123456789"));
  const int magnitude = first < point ? point - first : point - first + 1;
  return magnitude + exponent > 0;
}

// ECMAScript, Number::toString: the shortest digits that read back as the same value, laid out by
// their decimal exponent.
void append_finite(std::string& out, double value) {
  std::array<char, 32> storage{};
  const auto result =
      std::to_chars(storage.begin(), storage.end(), value, std::chars_format::scientific);
  const std::string_view text(storage.data(), result.ptr);
  const std::size_t exponent_at = text.find('e');
  std::string digits(1, text.front());
  if (exponent_at > 2) digits += text.substr(2, exponent_at - 2);
  const auto count = static_cast<int>(digits.size());
  const int point = exponent_value(text.substr(exponent_at + 1)) + 1;

  if (point > 21 || point <= -6) {
    out += digits.substr(0, 1);
    if (count > 1) out.append(".").append(digits, 1);
    out += point > 0 ? "e+" : "e-";
    out += std::to_string(std::abs(point - 1));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (point >= count) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else {
    digits.insert(static_cast<std::size_t>(point), 1, '.');
    out += digits;
  }
}

// The value of a number without a sign. std::from_chars says only that one is out of range, not at
// which end.
double number_value(std::string_view number) {
  double value = 0;
  const auto result = std::from_chars(number.begin(), number.end(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  return is_at_least_one(number) ? std::numeric_limits<double>::infinity() : 0;
}

void append_number(std::string& out, std::string_view number) {
  const bool negative = number.starts_with('-');
  const double value = number_value(number.substr(negative ? 1 : 0));
  if (value == 0) {
    out += '0';
    return;
  }
  if (negative) out += '-';
  if (value == std::numeric_limits<double>::infinity()) {
    out += "Infinity";
  } else {
    append_finite(out, value);
  }
}

// The size of the object at the front of `text`.
std::size_t object_size(std::string_view text) {
  std::size_t depth = 0;
  std::size_t at = 0;
  do {
    if (text[at] == '"') {
      at += json_string_size(text.substr(at));
      continue;
    }
    if (text[at] == '{') ++depth;
    if (text[at] == '}') --depth;
    ++at;
  } while (depth > 0);
  return at;
}

}  // namespace

// An array is shown as its elements with commas between them, and so are the arrays in it: the
// brackets just disappear, and one pass over the text is enough.
std::string js_text(std::string_view value) {
  if (value == "null") return "null";
  std::string text;
  while (!value.empty()) {
    std::size_t size = 1;
    switch (value.front()) {
      case ',':
        text += ',';
        break;
      case '"':
        size = json_string_size(value);
        text += decode_json_string(value.substr(0, size));
        break;
      case '{':
        size = object_size(value);
        text += "[object Object]";
        break;
      case 't':
      case 'f':
        size = value.starts_with("true") ? 4 : 5;
        text += value.substr(0, size);
        break;
      case 'n':  // shown as nothing within an array
        size = 4;
        break;
      case '[':
      case ']':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      default:
        size = json_number_size(value);
        append_number(text, value.substr(0, size));
    }
    value.remove_prefix(size);
  }
  return text;
}

}  // namespace heliograph::signal

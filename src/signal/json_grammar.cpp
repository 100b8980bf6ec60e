#include "signal/json_grammar.hpp"

#include <algorithm>
#include <bitset>
#include <cstdint>

#include "base/word.hpp"
#include "signal/json_string.hpp"

namespace heliograph::signal {
namespace {

// What an escape takes at most for each byte that it stands for. A key that cannot be a name that
// is looked for is not decoded: it can be as long as a message.
constexpr std::size_t kMaxEscapedSize = 6;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t count_digits(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  return static_cast<std::size_t>(end - text.begin());
}

// The size of what follows the backslash at the front; 0 if it is no escape.
std::size_t escape_size(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() != 'u') return text.find_first_of("\"\\/bfnrt") == 0 ? 1 : 0;
  const std::string_view digits = text.substr(1, 4);
  return digits.size() == 4 && std::ranges::all_of(digits, is_hex_digit) ? 5 : 0;
}

// How many characters at the front of what stands in a string stand for themselves, or a few less.
std::size_t plain_size(std::string_view text) {
  return size_before(text, [](std::uint64_t word) {
    return find(word, '"') | find(word, '\\') | find_less(word, 0x20);
  });
}

std::size_t literal_size(std::string_view text) {
  for (const std::string_view literal : {"true", "false", "null"}) {
    if (text.starts_with(literal)) return literal.size();
  }
  return 0;
}

class Grammar {
 public:
  Grammar(std::string_view text, std::span<JsonMember> members) : rest_(text), members_(members) {}

  bool text() {
    while (value()) {
      take_member();
      if (!close_finished()) return false;
      if (depth_ == 0) return rest_.empty();
    }
    return false;
  }

 private:
  // A scalar, an empty array or object, or the start of one down to its first scalar.
  bool value() {
    for (;;) {
      skip_space();
      if (take('[')) {
        if (!open(false)) return false;
      } else if (take('{')) {
        if (!open(true)) return false;
      } else {
        return scalar();
      }
      if (take(closer())) {
        --depth_;
        return true;
      }
      if (is_object_[depth_ - 1] && !key()) return false;
    }
  }

  bool open(bool is_object) {
    if (depth_ == kMaxJsonDepth) return false;
    is_object_[depth_++] = is_object;
    skip_space();
    return true;
  }

  // After a value: the ends of what it completes, then a comma, up to where a value must follow.
  bool close_finished() {
    for (skip_space(); depth_ > 0; skip_space()) {
      if (take(',')) {
        skip_space();
        return !is_object_[depth_ - 1] || key();
      }
      if (!take(closer())) return false;
      --depth_;
      take_member();
    }
    return true;
  }

  [[nodiscard]] char closer() const { return is_object_[depth_ - 1] ? '}' : ']'; }

  bool key() {
    const std::string_view key = rest_.substr(0, json_string_size(rest_));
    if (!skip(key.size())) return false;
    skip_space();
    if (!take(':')) return false;
    if (depth_ == 1) begin_member(key);
    return true;
  }

  // At the value of a member of the outermost object.
  void begin_member(std::string_view key) {
    if (!has_escapes(key)) return begin_member_named(unquote(key));
    const auto may_have_name = [&](const JsonMember& member) {
      return key.size() <= kMaxEscapedSize * member.name.size() + 2;
    };
    if (std::ranges::any_of(members_, may_have_name)) begin_member_named(decode_json_string(key));
  }

  void begin_member_named(std::string_view name) {
    const auto member = std::ranges::find(members_, name, &JsonMember::name);
    if (member == members_.end()) return;
    skip_space();
    member_ = &*member;
    member_->value = rest_;
  }

  // Behind a value: perhaps that of the member.
  void take_member() {
    if (depth_ != 1 || member_ == nullptr) return;
    member_->value.remove_suffix(rest_.size());
    member_ = nullptr;
  }

  bool scalar() {
    return skip(json_string_size(rest_)) || skip(json_number_size(rest_)) ||
           skip(literal_size(rest_));
  }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool skip(std::size_t size) {
    rest_.remove_prefix(size);
    return size > 0;
  }

  std::string_view rest_;
  std::span<JsonMember> members_;
  JsonMember* member_ = nullptr;  // whose value is being read
  std::bitset<kMaxJsonDepth> is_object_;
  std::size_t depth_ = 0;
};

}  // namespace

bool is_json(std::string_view text) {
  return is_json(text, {});
}

bool is_json(std::string_view text, std::span<JsonMember> members) {
  return Grammar(text, members).text();
}

std::size_t json_string_size(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  std::size_t at = 1;
  while (at < text.size()) {
    at += plain_size(text.substr(at));
    if (at == text.size()) return 0;
    const char c = text[at++];
    if (c == '"') return at;
    if (static_cast<unsigned char>(c) < 0x20) return 0;
    if (c != '\\') continue;
    const std::size_t escape = escape_size(text.substr(at));
    if (escape == 0) return 0;
    at += escape;
  }
  return 0;
}

//  number = [ minus ] int [ frac ] [ exp ]
std::size_t json_number_size(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t integer = count_digits(text.substr(at));
  if (integer == 0 || (integer > 1 && text[at] == '0')) return 0;
  at += integer;
  if (text.substr(at).starts_with('.')) {
    const std::size_t fraction = count_digits(text.substr(at + 1));
    if (fraction == 0) return 0;
    at += 1 + fraction;
  }
  if (text.substr(at).starts_with('e') || text.substr(at).starts_with('E')) {
    ++at;
    if (text.substr(at).starts_with('+') || text.substr(at).starts_with('-')) ++at;
    const std::size_t exponent = count_digits(text.substr(at));
    if (exponent == 0) return 0;
    at += exponent;
  }
  return at;
}

}  // namespace heliograph::signal

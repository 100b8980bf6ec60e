// The words of a command line, one after the other.
#pragma once

#include <charconv>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace heliograph {

class Options {
 public:
  // What main() got; its first word is the program.
  Options(int count, char** words)
      : words_(std::span(words, static_cast<std::size_t>(count)).subspan(count > 0 ? 1 : 0)) {}

  // Goes to the next word, which is then word(). False behind the last.
  bool next() {
    if (words_.empty()) return false;
    word_ = take();
    return true;
  }
  [[nodiscard]] std::string_view word() const { return word_; }

  // The word behind it, which belongs to it.
  std::string_view value() {
    if (words_.empty()) throw std::invalid_argument(std::string(word_) + " needs a value");
    return take();
  }

  template <class Number>
  Number number() {
    const std::string_view text = value();
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
      throw std::invalid_argument("not a number, or too large: " + std::string(text));
    }
    return number;
  }

  [[noreturn]] void refuse() const {
    throw std::invalid_argument(std::string(word_) + ": there is no such option");
  }

 private:
  std::string_view take() {
    const std::string_view word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }

  std::span<char*> words_;
  std::string_view word_;
};

}  // namespace heliograph

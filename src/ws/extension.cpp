#include "ws/extension.hpp"

#include "http/text.hpp"

namespace heliograph::ws {
namespace {

// Reads the grammar from the front of a field value.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() {
    skip_space();
    return rest_.empty();
  }
  // Whether a list has no member here.
  [[nodiscard]] bool at_empty_member() { return done() || rest_.front() == ','; }
  // Takes the character, if it is the next one behind white space.
  bool take(char character) {
    skip_space();
    if (!rest_.starts_with(character)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Empty if there is none.
  std::string_view token() {
    skip_space();
    std::size_t size = 0;
    while (size < rest_.size() && http::is_token_character(rest_[size])) ++size;
    const std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return token;
  }
  // "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST
  // conform to the 'token' ABNF."
  std::optional<std::string> value() {
    if (!take('"')) {
      const std::string_view plain = token();
      if (plain.empty()) return std::nullopt;
      return std::string(plain);
    }
    std::string unquoted;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) return std::nullopt;
      unquoted += rest_.front();
      rest_.remove_prefix(1);
    }
    if (rest_.empty() || !http::is_token(unquoted)) return std::nullopt;
    rest_.remove_prefix(1);
    return unquoted;
  }

 private:
  void skip_space() {
    while (rest_.starts_with(' ') || rest_.starts_with('\t')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

std::optional<Extension> parse_extension(FieldReader& reader) {
  Extension extension{.name = reader.token(), .parameters = {}};
  if (extension.name.empty()) return std::nullopt;
  while (reader.take(';')) {
    ExtensionParameter parameter{.name = reader.token(), .value = {}};
    if (parameter.name.empty() || extension.parameters.size() == kMaxExtensionParameters) {
      return std::nullopt;
    }
    if (reader.take('=')) {
      parameter.value = reader.value();
      if (!parameter.value) return std::nullopt;
    }
    extension.parameters.push_back(std::move(parameter));
  }
  return extension;
}

}  // namespace

std::optional<std::vector<Extension>> parse_extensions(std::string_view value) {
  FieldReader reader(value);
  std::vector<Extension> extensions;
  std::size_t members = 0;
  do {
    if (members == kMaxExtensions) return std::nullopt;
    ++members;
    if (reader.at_empty_member()) continue;
    auto extension = parse_extension(reader);
    if (!extension) return std::nullopt;
    extensions.push_back(std::move(*extension));
  } while (reader.take(','));
  if (!reader.done() || extensions.empty()) return std::nullopt;
  return extensions;
}

}  // namespace heliograph::ws

#include "http/selection.hpp"

#include <algorithm>
#include <optional>

#include "http/text.hpp"

namespace heliograph::http {

namespace {

// In thousandths, as fine as the grammar is.
using Quality = int;
constexpr Quality kFullQuality = 1000;

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
std::optional<Quality> parse_qvalue(std::string_view text) {
  constexpr std::size_t kMaxSize = 5;
  if (text.empty() || text.size() > kMaxSize || (text[0] != '0' && text[0] != '1')) {
    return std::nullopt;
  }
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  Quality quality = (text[0] - '0') * kFullQuality;
  Quality digit = kFullQuality / 10;
  for (const char character : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (character < '0' || character > '9') return std::nullopt;
    quality += (character - '0') * digit;
    digit /= 10;
  }
  if (quality > kFullQuality) return std::nullopt;
  return quality;
}

struct Preference {
  std::string_view coding;
  Quality quality = kFullQuality;
};

// codings [ OWS ";" OWS "q=" qvalue ]
std::optional<Preference> parse_preference(std::string_view member) {
  const std::size_t semicolon = member.find(';');
  Preference preference{trimmed(member.substr(0, semicolon))};
  if (!is_token(preference.coding)) return std::nullopt;
  if (semicolon == std::string_view::npos) return preference;
  const std::string_view weight = trimmed(member.substr(semicolon + 1));
  if (!equal_ignoring_case(weight.substr(0, 2), "q=")) return std::nullopt;
  const auto quality = parse_qvalue(weight.substr(2));
  if (!quality) return std::nullopt;
  preference.quality = *quality;
  return preference;
}

// Takes the next entity-tag off the front of `list`, without its W/: commas may stand in it.
// Nothing if there is none any more, or what comes is none.
std::optional<std::string_view> take_entity_tag(std::string_view& list) {
  const std::size_t start = list.find_first_not_of(" \t,");
  if (start == std::string_view::npos) return std::nullopt;
  list.remove_prefix(start);
  if (list.starts_with("W/")) list.remove_prefix(2);
  if (!list.starts_with('"')) return std::nullopt;
  const std::size_t end = list.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view tag = list.substr(0, end + 1);
  list.remove_prefix(end + 1);
  return tag;
}

}  // namespace

ContentCoding preferred_coding(const Fields& fields) {
  std::optional<Quality> gzip;
  std::optional<Quality> identity;
  std::optional<Quality> others;
  const std::string all = fields.joined("Accept-Encoding");
  for (std::string_view list = all; !list.empty();) {
    const auto preference = parse_preference(take_list_member(list));
    if (!preference) continue;
    const auto [coding, quality] = *preference;
    // "A recipient SHOULD consider 'x-gzip' to be equivalent to 'gzip'."
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
      gzip = quality;
    } else if (equal_ignoring_case(coding, "identity")) {
      identity = quality;
    } else if (coding == "*") {
      others = quality;
    }
  }
  if (!gzip) gzip = others;
  const bool preferred = gzip.value_or(0) > 0 && *gzip >= identity.value_or(0);
  return preferred ? ContentCoding::kGzip : ContentCoding::kIdentity;
}

bool none_match_names(const Fields& fields, std::string_view tag) {
  const std::string all = fields.joined("If-None-Match");
  if (trimmed(all) == "*") return true;
  std::string_view list = all;
  while (const auto named = take_entity_tag(list)) {
    if (*named == tag) return true;
  }
  return false;
}

}  // namespace heliograph::http

// The Sec-WebSocket-Extensions field (RFC 6455 section 9.1): extensions with their parameters.
//
//      extension-list = 1#extension
//      extension = extension-token *( ";" extension-param )
//      extension-param = token [ "=" (token | quoted-string) ]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heliograph::ws {

struct ExtensionParameter {
  std::string_view name;
  // Without quotes; nothing if the parameter has no value.
  std::optional<std::string> value;
};

struct Extension {
  std::string_view name;
  std::vector<ExtensionParameter> parameters;
};

// More in one field are nobody's need, and each costs an allocation. Empty members count.
inline constexpr std::size_t kMaxExtensions = 16;
inline constexpr std::size_t kMaxExtensionParameters = 16;

// The members of one field value, in their order, without the empty ones: "A recipient MUST parse
// and ignore a reasonable number of empty list elements" (RFC 9110 section 5.6.1.2). Nothing if the
// value is not such a list, or has more members than the limits allow. Names are views of `value`.
std::optional<std::vector<Extension>> parse_extensions(std::string_view value);

}  // namespace heliograph::ws

#include "server/admin_request.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hex.hpp"

namespace heliograph::server {

namespace {

using Kind = AdminRequest::Kind;

struct Route {
  std::string_view path;
  Kind kind;
  bool changes;  // by POST; the others by GET and HEAD
};

constexpr Route kRoutes[] = {
    {"/live", Kind::kLive, false},         {"/ready", Kind::kReady, false},
    {"/metrics", Kind::kMetrics, false},   {"/admin/status", Kind::kStatus, false},
    {"/admin/users", Kind::kUsers, false}, {"/admin/kick", Kind::kKick, true},
    {"/admin/drain", Kind::kDrain, true},
};

constexpr std::string_view kPages = "admin/";

const EmbeddedFile* find_page(std::string_view path) {
  std::string name(kPages);
  name += path == "/" ? "index.html" : path.substr(1);
  return find_embedded_file(name);
}

// RFC 3986 section 2.1; nothing if a '%' begins something else.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = hex_decode(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    decoded += static_cast<char>(byte->front());
    i += 2;
  }
  return decoded;
}

// The value of the first parameter of that name: nothing if there is none, or it is no text.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return percent_decoded(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

Result<AdminRequest, AdminRefusal> read_users(std::string_view query) {
  AdminRequest request{.kind = Kind::kUsers};
  request.name = parameter(query, "after").value_or("");
  if (const auto limit = parameter(query, "limit")) {
    const char* const end = limit->data() + limit->size();
    const auto read = std::from_chars(limit->data(), end, request.limit);
    if (read.ec != std::errc{} || read.ptr != end || request.limit == 0 ||
        request.limit > kMaxUsersPerPage) {
      return fail(AdminRefusal{400, "limit is a number from 1 to 1000"});
    }
  }
  return request;
}

Result<AdminRequest, AdminRefusal> read_kick(std::string_view query) {
  auto user = parameter(query, "user");
  if (!user || user->empty()) return fail(AdminRefusal{400, "say whom: ?user=NAME"});
  return AdminRequest{.kind = Kind::kKick, .name = std::move(*user)};
}

}  // namespace

Result<AdminRequest, AdminRefusal> read_admin_request(const http::RequestHead& head,
                                                      const AdminAddress& address) {
  if (!is_own_authority(head.authority(), address)) {
    return fail(AdminRefusal{403, "this host name is not one of the admin endpoint's"});
  }
  // A link has none of it, nor have other programs.
  const http::Field* const site = head.fields.find("Sec-Fetch-Site");
  if (site != nullptr && (site->value == "cross-site" || site->value == "same-site")) {
    return fail(AdminRefusal{403, "pages of other sites have no business here"});
  }
  const std::string_view path = head.path();
  const auto* const route = std::ranges::find(kRoutes, path, &Route::path);
  const bool found = route != std::end(kRoutes);
  const EmbeddedFile* const page = found ? nullptr : find_page(path);
  if (!found && page == nullptr) return fail(AdminRefusal{404, "there is no such page"});
  const bool changes = found && route->changes;
  if (changes && head.method != "POST") {
    return fail(AdminRefusal{405, "this is done by POST", "POST"});
  }
  if (!changes && head.method != "GET" && head.method != "HEAD") {
    return fail(AdminRefusal{405, "this is read by GET", "GET, HEAD"});
  }
  if (changes && head.fields.value(kAdminField) != "1") {
    return fail(AdminRefusal{403, "this needs the field 'X-Heliograph-Admin: 1'"});
  }
  if (!found) return AdminRequest{.kind = Kind::kPage, .page = page};
  if (route->kind == Kind::kUsers) return read_users(head.query());
  if (route->kind == Kind::kKick) return read_kick(head.query());
  return AdminRequest{.kind = route->kind};
}

}  // namespace heliograph::server

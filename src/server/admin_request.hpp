// What can be asked of the admin endpoint, read from the head of an HTTP request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/head.hpp"
#include "server/admin_address.hpp"
#include "server/embedded_files.hpp"

namespace heliograph::server {

// A page of a browser cannot send it to another site without asking first, which is refused.
inline constexpr std::string_view kAdminField = "X-Heliograph-Admin";

// Users on one page of the list: one answer must not hold up a worker, nor fill the memory.
inline constexpr std::size_t kUsersPerPage = 100;
inline constexpr std::size_t kMaxUsersPerPage = 1000;

struct AdminRequest {
  enum class Kind : std::uint8_t {
    kLive,
    kReady,
    kMetrics,
    kStatus,
    kUsers,  // `limit` names behind `name`
    kKick,   // `name`
    kDrain,
    kPage,  // `page`
  };
  Kind kind = Kind::kLive;
  std::string name = {};
  std::size_t limit = kUsersPerPage;
  const EmbeddedFile* page = nullptr;
};

struct AdminRefusal {
  int status = 0;
  std::string_view line;        // static text
  std::string_view allow = {};  // methods, with 405
};

Result<AdminRequest, AdminRefusal> read_admin_request(const http::RequestHead& head,
                                                      const AdminAddress& address);

}  // namespace heliograph::server

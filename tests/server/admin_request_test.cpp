#include "server/admin_request.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/buffer.hpp"
#include "http/parser.hpp"

namespace heliograph::server {
namespace {

using Kind = AdminRequest::Kind;

Result<AdminRequest, AdminRefusal> read(const std::string& line, const std::string& fields = "",
                                        const std::string& host = "localhost:9091",
                                        const std::string& address = "9091") {
  Buffer bytes;
  bytes.append(line + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
  MutableBytes input = bytes.mutable_bytes();
  http::RequestParser parser;
  const auto head = parser.receive(input);
  EXPECT_TRUE(head && *head) << line;
  return read_admin_request(**head, parse_admin_address(address).value());
}

constexpr const char* kField = "X-Heliograph-Admin: 1\r\n";

TEST(AdminRequest, EveryPathIsRead) {
  EXPECT_EQ(read("GET /live")->kind, Kind::kLive);
  EXPECT_EQ(read("HEAD /ready")->kind, Kind::kReady);
  EXPECT_EQ(read("GET /metrics?x=y")->kind, Kind::kMetrics);
  EXPECT_EQ(read("GET /admin/status")->kind, Kind::kStatus);
  EXPECT_EQ(read("GET /admin/users")->kind, Kind::kUsers);
  EXPECT_EQ(read("POST /admin/kick?user=a", kField)->kind, Kind::kKick);
  EXPECT_EQ(read("POST /admin/drain", kField)->kind, Kind::kDrain);
}

TEST(AdminRequest, PagesAreThoseOfTheirFolderAlone) {
  EXPECT_EQ(read("GET /")->page->path, "admin/index.html");
  EXPECT_EQ(read("GET /status.js")->page->path, "admin/status.js");
  for (const char* path : {"/none", "/admin/index.html", "/../tutorial/index.html", "/tutorial/"}) {
    EXPECT_EQ(read("GET " + std::string(path)).error().status, 404) << path;
  }
}

TEST(AdminRequest, WhatChangesSomethingIsDoneByPostWithTheField) {
  for (const char* path : {" /admin/kick?user=a", " /admin/drain"}) {
    for (const char* method : {"GET", "HEAD", "PUT", "OPTIONS"}) {
      const auto refused = read(method + std::string(path), kField);
      EXPECT_EQ(refused.error().status, 405) << method << path;
      EXPECT_EQ(refused.error().allow, "POST");
    }
    EXPECT_EQ(read("POST" + std::string(path)).error().status, 403);
    EXPECT_EQ(read("POST" + std::string(path), "X-Heliograph-Admin: 0\r\n").error().status, 403);
  }
}

TEST(AdminRequest, WhatIsReadIsReadByGet) {
  for (const char* path : {" /live", " /", " /metrics", " /admin/users"}) {
    const auto refused = read("POST" + std::string(path), kField);
    EXPECT_EQ(refused.error().status, 405) << path;
    EXPECT_EQ(refused.error().allow, "GET, HEAD");
  }
}

TEST(AdminRequest, NamesArePercentDecoded) {
  EXPECT_EQ(read("POST /admin/kick?x=1&user=%C3%A4%20b&user=c", kField)->name, "\xC3\xA4 b");
  EXPECT_EQ(read("GET /admin/users?after=a%26b")->name, "a&b");
  for (const char* query :
       {"", "?user", "?user=", "?user=%", "?user=%4", "?user=%4g", "?xuser=a"}) {
    EXPECT_EQ(read("POST /admin/kick" + std::string(query), kField).error().status, 400) << query;
  }
}

TEST(AdminRequest, APageOfUsersHasItsLimits) {
  EXPECT_EQ(read("GET /admin/users")->limit, kUsersPerPage);
  EXPECT_EQ(read("GET /admin/users?limit=1")->limit, 1U);
  EXPECT_EQ(read("GET /admin/users?limit=1000")->limit, kMaxUsersPerPage);
  for (const char* limit : {"0", "1001", "-1", "1x", "", "99999999999999999999"}) {
    EXPECT_EQ(read("GET /admin/users?limit=" + std::string(limit)).error().status, 400) << limit;
  }
}

TEST(AdminRequest, AForeignHostIsRefusedBeforeAllElse) {
  for (const char* host : {"example.org", "localhost.example.org:9091", "192.0.2.1",
                           "[2001:db8::1]", "127.0.0.1.example.org", "[::1"}) {
    EXPECT_EQ(read("GET /live", "", host).error().status, 403) << host;
    EXPECT_EQ(read("GET /none", "", host).error().status, 403) << host;
  }
  EXPECT_EQ(read("GET http://example.org/live").error().status, 403);
}

TEST(AdminRequest, APageOfAnotherSiteIsRefusedByWhatItsBrowserSaysOfIt) {
  for (const char* site : {"cross-site", "same-site"}) {
    const std::string field = "Sec-Fetch-Site: " + std::string(site) + "\r\n";
    EXPECT_EQ(read("GET /live", field).error().status, 403) << site;
    EXPECT_EQ(read("POST /admin/drain", field + kField).error().status, 403) << site;
  }
  EXPECT_TRUE(read("GET /live", "Sec-Fetch-Site: same-origin\r\n"));
  EXPECT_TRUE(read("GET /live", "Sec-Fetch-Site: none\r\n"));  // typed in
}

TEST(AdminAddress, TheLoopbackInterfaceIsAlwaysMeant) {
  for (const char* host :
       {"localhost", "LOCALHOST:1", "127.0.0.1:9091", "127.1.2.3", "[::1]:9091"}) {
    EXPECT_TRUE(read("GET /live", "", host)) << host;
    EXPECT_TRUE(read("GET /live", "", host, "192.0.2.1:9091")) << host;
    EXPECT_TRUE(read("GET /live", "", host, "unix:/run/admin.sock")) << host;
  }
}

TEST(AdminAddress, SoIsTheConfiguredOneAndNoOther) {
  EXPECT_TRUE(read("GET /live", "", "192.0.2.1:9091", "192.0.2.1:9091"));
  EXPECT_FALSE(read("GET /live", "", "192.0.2.2:9091", "192.0.2.1:9091"));
  EXPECT_TRUE(read("GET /live", "", "[2001:db8:0::1]", "[2001:db8::1]:9091"));
  EXPECT_TRUE(read("GET /live", "", "Admin.example.org:80", "admin.example.org:9091"));
  EXPECT_FALSE(read("GET /live", "", "192.0.2.1", "unix:/run/admin.sock"));
}

// Who listens on all addresses has many, but names that point to them may be anybody's.
TEST(AdminAddress, OnAllAddressesEveryAddressIsMeantAndNoName) {
  for (const char* address : {"0.0.0.0:9091", "[::]:9091"}) {
    EXPECT_TRUE(read("GET /live", "", "192.0.2.7:9091", address));
    EXPECT_FALSE(read("GET /live", "", "example.org:9091", address));
  }
}

TEST(AdminAddress, WithoutAHostItIsThisHostAlone) {
  const auto address = parse_admin_address("9091").value();
  EXPECT_EQ(admin_endpoints(address).value().front().text(), "127.0.0.1:9091");
  EXPECT_EQ(parse_admin_address("unix:/run/x")->path, "/run/x");
  for (const char* text : {"", "x", "unix:", ":1", "127.0.0.1", "70000"}) {
    EXPECT_FALSE(parse_admin_address(text)) << text;
  }
}

TEST(AdminAddress, ANameIsGoodForTheLoopbackInterfaceOnly) {
  EXPECT_TRUE(admin_endpoints(parse_admin_address("localhost:0").value()));
  EXPECT_TRUE(admin_endpoints(parse_admin_address("0.0.0.0:0").value()));
}

}  // namespace
}  // namespace heliograph::server

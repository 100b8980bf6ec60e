#include "net/endpoint.hpp"

#include <gtest/gtest.h>

namespace heliograph::net {
namespace {

TEST(ListenAddress, TakesAPortAndAnOptionalHost) {
  const auto port_only = parse_listen_address("9090");
  ASSERT_TRUE(port_only);
  EXPECT_EQ(port_only->host, "");
  EXPECT_EQ(port_only->port, 9090);

  const auto ipv4 = parse_listen_address("127.0.0.1:0");
  ASSERT_TRUE(ipv4);
  EXPECT_EQ(ipv4->host, "127.0.0.1");
  EXPECT_EQ(ipv4->port, 0);

  const auto ipv6 = parse_listen_address("[::1]:65535");
  ASSERT_TRUE(ipv6);
  EXPECT_EQ(ipv6->host, "::1");
  EXPECT_EQ(ipv6->port, 65535);
}

TEST(ListenAddress, SaysWhatIsExpectedOtherwise) {
  for (const char* text :
       {"", ":", ":9090", "9090x", "65536", "-1", "host:", "::1:9090", "[]:1", "[::1]", "a:b:1"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().find("[HOST:]PORT"), std::string::npos);
  }
}

TEST(Endpoint, IsShownWithBracketsAroundIpv6) {
  EXPECT_EQ(resolve("127.0.0.1", 80).value().front().text(), "127.0.0.1:80");
  EXPECT_EQ(resolve("::1", 80).value().front().text(), "[::1]:80");
  EXPECT_EQ(unix_endpoint("/run/redis.sock").value().text(), "unix:/run/redis.sock");
}

TEST(Endpoint, ShowsAnIpv4ClientOfAnIpv6ListenerAsIpv4) {
  EXPECT_EQ(resolve("::ffff:192.0.2.7", 1).value().front().host().text(), "192.0.2.7");
}

TEST(Endpoint, GivesItsAddressInNetworkOrder) {
  constexpr std::uint8_t kIpv4[] = {192, 0, 2, 7};
  EXPECT_TRUE(equal(resolve("192.0.2.7", 1).value().front().host().bytes(), kIpv4));
  EXPECT_TRUE(equal(resolve("::ffff:192.0.2.7", 1).value().front().host().bytes(), kIpv4));
  const HostAddress ipv6 = resolve("2001:db8::1", 1).value().front().host();
  ASSERT_EQ(ipv6.bytes().size(), 16U);
  EXPECT_EQ(ipv6.bytes().front(), 0x20);
  EXPECT_EQ(ipv6.bytes().back(), 1);
  EXPECT_EQ(ipv6.text(), "2001:db8::1");
  EXPECT_TRUE(unix_endpoint("/run/x").value().host().bytes().empty());
  EXPECT_EQ(unix_endpoint("/run/x").value().host().text(), "");
}

TEST(Endpoint, TellsAddressesFromNames) {
  EXPECT_EQ(numeric_endpoint("192.0.2.7", 80).value().text(), "192.0.2.7:80");
  EXPECT_EQ(numeric_endpoint("2001:db8::1", 80).value().text(), "[2001:db8::1]:80");
  for (const char* name : {"localhost", "", "192.0.2.7.", "192.0.2.256", "[::1]"}) {
    EXPECT_FALSE(numeric_endpoint(name, 80)) << name;
  }
}

TEST(Endpoint, AUnixPathHasALimit) {
  EXPECT_TRUE(unix_endpoint(std::string(107, 'p')));
  EXPECT_FALSE(unix_endpoint(std::string(108, 'p')));
  EXPECT_FALSE(unix_endpoint(""));
}

}  // namespace
}  // namespace heliograph::net

#include "server/address_counts.hpp"

#include <array>

#include <gtest/gtest.h>

namespace heliograph::server {
namespace {

net::HostAddress ipv4(std::uint8_t last) {
  return net::HostAddress(std::array<std::uint8_t, 4>{192, 0, 2, last});
}

net::HostAddress ipv6(std::uint8_t network, std::uint8_t host) {
  std::array<std::uint8_t, 16> bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, network};
  bytes.back() = host;
  return net::HostAddress(bytes);
}

TEST(AddressCounts, AdmitsAsManyConnectionsAsItMayAndNotOneMore) {
  AddressCounts counts;
  Limits limits;
  limits.connections = 3;
  for (std::uint8_t i = 0; i < 3; ++i) {
    EXPECT_EQ(counts.admit(ipv4(i), limits), Admission::kAdmitted);
  }
  EXPECT_EQ(counts.admit(ipv4(9), limits), Admission::kTooManyConnections);
  EXPECT_EQ(counts.connections(), 3U);
  counts.handshake_ended(ipv4(1));
  counts.left(ipv4(1));
  EXPECT_EQ(counts.admit(ipv4(9), limits), Admission::kAdmitted);
}

TEST(AddressCounts, OneAddressHasALimitOfItsOwn) {
  AddressCounts counts;
  Limits limits;
  limits.connections_per_address = 2;
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kTooManyOfAddress);
  EXPECT_EQ(counts.admit(ipv4(2), limits), Admission::kAdmitted);
}

TEST(AddressCounts, OfIpv6AnAddressIsItsNetwork) {
  AddressCounts counts;
  Limits limits;
  limits.connections_per_address = 2;
  EXPECT_EQ(counts.admit(ipv6(1, 1), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv6(1, 2), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv6(1, 3), limits), Admission::kTooManyOfAddress);
  EXPECT_EQ(counts.admit(ipv6(2, 1), limits), Admission::kAdmitted);
}

TEST(AddressCounts, ANetworkHasALimitThoughItsAddressesHaveOthers) {
  AddressCounts counts;
  Limits limits;
  limits.connections_per_address = 2;
  limits.connections_per_network = 3;
  const net::HostAddress elsewhere(
      std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0});
  for (std::uint8_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(counts.admit(ipv6(i, 1), limits), Admission::kAdmitted);
  }
  EXPECT_EQ(counts.admit(ipv6(4, 1), limits), Admission::kTooManyOfNetwork);
  EXPECT_EQ(counts.admit(elsewhere, limits), Admission::kAdmitted);
  for (std::uint8_t i = 0; i < 9; ++i) {
    EXPECT_EQ(counts.admit(ipv4(i), limits), Admission::kAdmitted);
  }
  EXPECT_EQ(counts.networks(), 2U);
  counts.left(ipv6(1, 1));
  EXPECT_EQ(counts.admit(ipv6(4, 1), limits), Admission::kAdmitted);
  for (std::uint8_t i = 2; i <= 4; ++i) counts.left(ipv6(i, 1));
  counts.left(elsewhere);
  EXPECT_EQ(counts.networks(), 0U);
}

TEST(AddressCounts, ANetworkMayHaveWhatOneOfItsAddressesMay) {
  AddressCounts counts;
  Limits limits;
  limits.connections_per_address = 4;
  limits.connections_per_network = 3;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(counts.admit(ipv6(1, 1), limits), Admission::kAdmitted);
  }
  EXPECT_EQ(counts.admit(ipv6(2, 1), limits), Admission::kTooManyOfNetwork);
}

TEST(AddressCounts, WhatHasOpenedIsNoHandshakeAnyMore) {
  AddressCounts counts;
  Limits limits;
  limits.handshakes_per_address = 1;
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kTooManyHandshakesOfAddress);
  counts.handshake_ended(ipv4(1));
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.connections(), 2U);
  EXPECT_EQ(counts.handshakes(), 1U);
}

TEST(AddressCounts, HandshakesInAllAreToldApartFromThoseOfAnAddress) {
  AddressCounts counts;
  Limits limits;
  limits.handshakes = 2;
  EXPECT_EQ(counts.admit(ipv4(1), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv4(2), limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit(ipv4(3), limits), Admission::kTooManyHandshakes);
}

TEST(AddressCounts, AnAddressWithoutConnectionsIsForgotten) {
  AddressCounts counts;
  for (std::uint8_t i = 0; i < 100; ++i) {
    EXPECT_EQ(counts.admit(ipv4(i), {}), Admission::kAdmitted);
  }
  EXPECT_EQ(counts.addresses(), 100U);
  for (std::uint8_t i = 0; i < 100; ++i) {
    counts.handshake_ended(ipv4(i));
    counts.left(ipv4(i));
  }
  EXPECT_EQ(counts.addresses(), 0U);
  EXPECT_EQ(counts.connections(), 0U);
  EXPECT_EQ(counts.handshakes(), 0U);
}

TEST(AddressCounts, NoAddressAtAllHasNoLimitOfItsOwn) {
  AddressCounts counts;
  Limits limits;
  limits.connections_per_address = 1;
  limits.handshakes_per_address = 1;
  limits.connections = 3;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(counts.admit({}, limits), Admission::kAdmitted);
  EXPECT_EQ(counts.admit({}, limits), Admission::kTooManyConnections);
}

}  // namespace
}  // namespace heliograph::server

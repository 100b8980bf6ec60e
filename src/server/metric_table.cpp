#include "server/metric_table.hpp"

#include <algorithm>
#include <iterator>

namespace heliograph::server {

namespace {

using Labels = std::string_view;

template <auto member>
std::span<const Counter> counters(const Metrics& metrics) {
  return (metrics.*member).all();
}

template <auto member>
std::span<const Counter> counter(const Metrics& metrics) {
  return {&(metrics.*member), 1};
}

template <auto member>
const Histogram& times(const Metrics& metrics) {
  return metrics.*member;
}

template <auto member>
double sum(const MetricSources& sources) {
  double total = 0;
  for (const Metrics* worker : sources.workers) {
    total += static_cast<double>((worker->*member).value());
  }
  return total;
}

template <auto member>
double process(const MetricSources& sources) {
  return static_cast<double>(sources.process.*member);
}

double one(const MetricSources& /*sources*/) {
  return 1;
}

double calls_active(const MetricSources& sources) {
  return sum<&Metrics::call_parties>(sources) / 2;
}

double redis_up(const MetricSources& sources) {
  const bool up = std::ranges::all_of(
      sources.workers, [](const Metrics* worker) { return worker->redis_up.value() != 0; });
  return up ? 1 : 0;
}

double redis_reconnects(const MetricSources& sources) {
  double total = 0;
  for (const Metrics* worker : sources.workers) {
    total += static_cast<double>(worker->redis_ups.value() -
                                 std::min<std::uint64_t>(worker->redis_ups.value(), 1));
  }
  return total;
}

// Values of labels, in the order of the enumerations that they stand for.

constexpr Labels kConnectionResults[] = {"accepted", "refused", "no_resources"};
constexpr Labels kLoginResults[] = {"ok", "in_use", "wrong", "refused", "unavailable"};
constexpr Labels kDirections[] = {"in", "out"};
constexpr Labels kIn[] = {"in"};
constexpr Labels kOut[] = {"out"};
constexpr Labels kCommands[] = {
    "login",     "resume",      "logout", "offer", "answer", "candidate", "leave",     "busy",
    "subscribe", "unsubscribe", "join",   "part",  "ice",    "ping",      "malformed", "unknown"};
constexpr Labels kEvents[] = {"greeting",
                              "not_authenticated",
                              "login",
                              "login_refused",
                              "offer",
                              "answer",
                              "candidate",
                              "leave",
                              "busy",
                              "unavailable",
                              "ice",
                              "pong",
                              "presence",
                              "room",
                              "joined",
                              "left",
                              "goaway",
                              "error",
                              "unknown_command"};
constexpr Labels kPaths[] = {"local", "worker", "nobody"};
constexpr Labels kCallEnds[] = {"left", "gone", "unavailable"};
constexpr Labels kVersions[] = {"1.3"};
constexpr Labels kGroups[] = {"x25519", "secp256r1", "secp384r1"};
constexpr Labels kNoYes[] = {"no", "yes"};
constexpr Labels kNone[] = {"none"};
constexpr Labels kNo[] = {"no"};
constexpr Labels kOk[] = {"ok"};
constexpr Labels kFailed[] = {"failed"};
constexpr Labels kRedisCommands[] = {"get", "hget", "eval"};
constexpr Labels kRedisErrors[] = {"reply", "late", "lost", "refused", "redirects", "not_asked"};
constexpr Labels kVersion[] = {HELIOGRAPH_VERSION};

static_assert(std::size(kCommands) == signal::kCommandKinds);
static_assert(std::size(kEvents) == signal::kEventKinds);
static_assert(std::size(kGroups) == tls::kAllGroups.size());

constexpr MetricLabel kByConnectionResult[] = {{"result", kConnectionResults}};
constexpr MetricLabel kByLoginResult[] = {{"result", kLoginResults}};
constexpr MetricLabel kByDirection[] = {{"dir", kDirections}};
constexpr MetricLabel kInByType[] = {{"dir", kIn}, {"type", kCommands}};
constexpr MetricLabel kOutByType[] = {{"dir", kOut}, {"type", kEvents}};
constexpr MetricLabel kByPath[] = {{"path", kPaths}};
constexpr MetricLabel kByCallEnd[] = {{"end", kCallEnds}};
constexpr MetricLabel kByHandshake[] = {
    {"version", kVersions}, {"result", kOk}, {"group", kGroups}, {"resumed", kNoYes}};
constexpr MetricLabel kOfFailed[] = {
    {"version", kNone}, {"result", kFailed}, {"group", kNone}, {"resumed", kNo}};
constexpr MetricLabel kByRedisCommand[] = {{"cmd", kRedisCommands}};
constexpr MetricLabel kByRedisError[] = {{"kind", kRedisErrors}};
constexpr MetricLabel kByVersion[] = {{"version", kVersion}};

constexpr MetricSeries kConnections[] = {{{}, sum<&Metrics::connections>}};
constexpr MetricSeries kConnectionsTotal[] = {
    {kByConnectionResult, counters<&Metrics::connections_total>}};
constexpr MetricSeries kLogins[] = {{kByLoginResult, counters<&Metrics::logins>}};
constexpr MetricSeries kSessionsResumed[] = {{{}, counter<&Metrics::sessions_resumed>}};
constexpr MetricSeries kAuthThrottled[] = {{{}, counter<&Metrics::auth_throttled>}};
constexpr MetricSeries kMessages[] = {{kInByType, counters<&Metrics::messages_in>},
                                      {kOutByType, counters<&Metrics::messages_out>}};
constexpr MetricSeries kMessageBytes[] = {{kByDirection, counters<&Metrics::message_bytes>}};
constexpr MetricSeries kRelayed[] = {{kByPath, counters<&Metrics::relayed>}};
constexpr MetricSeries kCallsActive[] = {{{}, calls_active}};
constexpr MetricSeries kCalls[] = {{kByCallEnd, counters<&Metrics::calls>}};
constexpr MetricSeries kGlares[] = {{{}, counter<&Metrics::glares>}};
constexpr MetricSeries kSlowCloses[] = {{{}, counter<&Metrics::slow_closes>}};
constexpr MetricSeries kPings[] = {{{}, times<&Metrics::ping_round_trip>}};
constexpr MetricSeries kHandshakes[] = {{kByHandshake, counters<&Metrics::tls_handshakes>},
                                        {kOfFailed, counter<&Metrics::tls_handshakes_failed>}};
constexpr MetricSeries kHandshakeTimes[] = {{{}, times<&Metrics::tls_handshake_time>}};
constexpr MetricSeries kLoopTurns[] = {{{}, times<&Metrics::loop_turn>}};
constexpr MetricSeries kRedisUp[] = {{{}, redis_up}};
constexpr MetricSeries kRedisCommandsTotal[] = {
    {kByRedisCommand, counters<&Metrics::redis_commands>}};
constexpr MetricSeries kRedisErrorsTotal[] = {{kByRedisError, counters<&Metrics::redis_errors>}};
constexpr MetricSeries kRedisReconnects[] = {{{}, redis_reconnects}};
constexpr MetricSeries kRedisTimes[] = {{{}, times<&Metrics::redis_round_trip>}};
constexpr MetricSeries kBuildInfo[] = {{kByVersion, one}};
constexpr MetricSeries kCpu[] = {{{}, process<&ProcessUsage::cpu_seconds>}};
constexpr MetricSeries kResident[] = {{{}, process<&ProcessUsage::resident_bytes>}};
constexpr MetricSeries kDescriptors[] = {{{}, process<&ProcessUsage::open_descriptors>}};
constexpr MetricSeries kMaxDescriptors[] = {{{}, process<&ProcessUsage::max_descriptors>}};
constexpr MetricSeries kStart[] = {{{}, process<&ProcessUsage::started_at>}};

using enum MetricType;

constexpr MetricDefinition kDefinitions[] = {
    {"heliograph_build_info", "Always 1; the label tells the version", kBuildInfo, kGauge},
    {"heliograph_connections", "Clients that are connected, logged in or not", kConnections,
     kGauge},
    {"heliograph_connections_total",
     "Connections that were accepted or beyond a limit, and times when nobody could be accepted",
     kConnectionsTotal, kCounter},
    {"heliograph_tls_handshakes_total", "TLS handshakes that came to an end", kHandshakes,
     kCounter},
    {"heliograph_tls_handshake_seconds",
     "From the connection to the end of its TLS handshake, of those that succeeded",
     kHandshakeTimes, kHistogram},
    {"heliograph_logins_total", "Logins, by their outcome", kLogins, kCounter},
    {"heliograph_auth_throttled_total",
     "Logins that were held or refused because others had failed before", kAuthThrottled, kCounter},
    {"heliograph_sessions_resumed_total", "Sessions that went on over a new connection",
     kSessionsResumed, kCounter},
    {"heliograph_messages_total", "Messages from and to clients, by what they are", kMessages,
     kCounter},
    {"heliograph_message_bytes_total",
     "Bytes of messages from and to clients, without framing and before compression", kMessageBytes,
     kCounter},
    {"heliograph_relay_total",
     "Messages from one user to another: within a worker, between two, or to nobody", kRelayed,
     kCounter},
    {"heliograph_calls_active", "Calls; each party that is connected here counts for one half",
     kCallsActive, kGauge},
    {"heliograph_calls_total",
     "Calls that ended: a party left, its connection was gone, or nobody had the name", kCalls,
     kCounter},
    {"heliograph_glare_total", "Offers that gave way to one that crossed them", kGlares, kCounter},
    {"heliograph_slow_closes_total",
     "Clients that were closed because they did not read what waited for them, or did not finish "
     "what they said",
     kSlowCloses, kCounter},
    {"heliograph_ping_rtt_seconds", "From a ping to its pong", kPings, kHistogram},
    {"heliograph_loop_turn_seconds", "What one turn of a worker's loop took, without the waiting",
     kLoopTurns, kHistogram},
    {"heliograph_redis_up", "1 if every worker can ask Redis", kRedisUp, kGauge, true},
    {"heliograph_redis_commands_total", "Commands to Redis", kRedisCommandsTotal, kCounter, true},
    {"heliograph_redis_errors_total", "Commands to Redis that failed, by why", kRedisErrorsTotal,
     kCounter, true},
    {"heliograph_redis_reconnects_total",
     "Times that Redis could be asked again after it could not", kRedisReconnects, kCounter, true},
    {"heliograph_redis_rtt_seconds", "From a command to Redis to its reply", kRedisTimes,
     kHistogram, true},
    {"process_cpu_seconds_total", "Processor time, of the user and of the kernel", kCpu, kCounter},
    {"process_resident_memory_bytes", "Memory that is resident", kResident, kGauge},
    {"process_open_fds", "Open file descriptors", kDescriptors, kGauge},
    {"process_max_fds", "File descriptors that may be open", kMaxDescriptors, kGauge},
    {"process_start_time_seconds", "When the process started, in seconds since 1970", kStart,
     kGauge},
};

}  // namespace

std::span<const MetricDefinition> metric_definitions() {
  return kDefinitions;
}

}  // namespace heliograph::server

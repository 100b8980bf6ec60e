// The heliograph command: parses the command line and hands over to one of its verbs.

#include <cstdlib>
#include <iostream>
#include <memory>
#include <new>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/cert.hpp"
#include "app/check.hpp"
#include "app/completion.hpp"
#include "app/config_file.hpp"
#include "app/connect.hpp"
#include "app/exit_status.hpp"
#include "app/manual.hpp"
#include "app/reference.hpp"
#include "app/serve.hpp"
#include "app/ticket.hpp"
#include "app/user.hpp"
#include "server/log_text.hpp"

namespace heliograph::app {
namespace {

int run(int argc, char** argv) {
  CLI::App app("heliograph: a WebRTC signaling server", "heliograph");
  app.require_subcommand(1);
  app.formatter(std::make_shared<HelpFormatter>());
  const std::shared_ptr<ConfigFile> config = ConfigFile::add_to(app);
  app.set_version_flag("--version", "heliograph " HELIOGRAPH_VERSION);

  ServeCommand serve;
  CLI::App* const serve_command = app.add_subcommand("serve", "Run the server");
  serve.define(*serve_command);
  serve_command->callback([&] { serve.run({argv, argv + argc}); });
  UserCommand user;
  user.define(*app.add_subcommand("user", "Manage the users who may log in"));
  TicketCommand ticket;
  ticket.define(*app.add_subcommand("ticket", "Make a ticket that lets a user in"));
  CertCommand cert;
  cert.define(*app.add_subcommand("cert", "Make certificates for servers and users"));
  CheckCommand check;
  check.define(*app.add_subcommand("check", "Look at what 'serve' would need, before it does"));
  ConnectCommand connect;
  connect.define(*app.add_subcommand("connect", "Talk to a server by TLS, HTTPS or WebSocket"));
  CompletionCommand completion;
  completion.define(*app.add_subcommand("completion", "Print what makes a shell complete"), app);
  app.add_subcommand("manual", "Print the manual page, for 'man -l -'")->callback([&app] {
    std::cout << manual_page(command_tree(app));
  });
  HelpCommand help;
  help.define(*app.add_subcommand("help", "Tell about a command"), app);
  app.add_subcommand("version", "Print the version")->callback([] {
    std::cout << "heliograph " HELIOGRAPH_VERSION "\n";
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::FileError& error) {
    throw Failure(EX_NOINPUT, std::string("--config: ") + error.what());
  } catch (const CLI::ParseError& error) {
    std::cerr << "heliograph: " << server::printable(config->locate(error.what()))
              << "\nTry 'heliograph --help'.\n";
    return EX_USAGE;
  } catch (const Failure& failure) {
    throw Failure(failure.status(), config->locate(failure.what()));
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace heliograph::app

int main(int argc, char** argv) {
  try {
    return heliograph::app::run(argc, argv);
  } catch (const heliograph::app::Failure& failure) {
    std::cerr << "heliograph: " << heliograph::server::printable(failure.what()) << '\n';
    return failure.status();
  } catch (const std::exception& error) {
    std::cerr << "heliograph: " << error.what() << '\n';
    return EX_SOFTWARE;
  }
}

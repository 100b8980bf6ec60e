// Go's crypto/tls as a peer of matrix.py:
//
//	peer client PORT CASE CA [CERT KEY]
//	peer server PORT CASE CA CERT KEY
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func request(connection *tls.Conn, path, header string) {
	_, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n", path, header)
	check(err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	check(err)
	_, err = io.Copy(os.Stdout, response.Body)
	check(err)
}

func client(address, what string, config *tls.Config) {
	config.ServerName = "localhost"
	connect := func() *tls.Conn {
		connection, err := tls.Dial("tcp", address, config)
		check(err)
		return connection
	}
	switch what {
	case "retried":
		config.CurvePreferences = []tls.CurveID{tls.CurveP521, tls.CurveP256}
	case "resumed":
		config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
		first := connect()
		request(first, "/", "keep-alive")
		first.Close()
	}
	connection := connect()
	if what == "key-update" {
		request(connection, "/keyupdate", "keep-alive")
	}
	request(connection, "/", "close")
}

func server(address, what string, config *tls.Config) {
	switch what {
	case "retried":
		config.CurvePreferences = []tls.CurveID{tls.CurveP384}
	case "client-certificate":
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	listener, err := tls.Listen("tcp", address, config)
	check(err)
	for {
		connection, err := listener.Accept()
		check(err)
		go func() {
			defer connection.Close()
			io.Copy(connection, connection)
		}()
	}
}

func main() {
	role, port, what, ca := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	config := &tls.Config{MinVersion: tls.VersionTLS13}
	trusted := x509.NewCertPool()
	pem, err := os.ReadFile(ca)
	check(err)
	trusted.AppendCertsFromPEM(pem)
	config.RootCAs, config.ClientCAs = trusted, trusted
	if len(os.Args) > 6 {
		pair, err := tls.LoadX509KeyPair(os.Args[5], os.Args[6])
		check(err)
		config.Certificates = []tls.Certificate{pair}
	}
	if role == "client" {
		client("localhost:"+port, what, config)
	} else {
		server("localhost:"+port, what, config)
	}
}

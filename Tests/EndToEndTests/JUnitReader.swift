import Foundation
import FoundationXML
import Testing

/// Reads a JUnit report as a CI server does, strictly.
final class JUnitReader: NSObject, XMLParserDelegate {
    private var suite: [String: String] = [:]
    private var tests = 0

    func read(_ data: Data) throws -> (attributes: [String: String], tests: Int) {
        let parser = XMLParser(data: data)
        parser.delegate = self
        try #require(parser.parse(), "junit.xml is no XML: \(String(describing: parser.parserError))")
        return (suite, tests)
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        if name == "testsuite" { suite = attributes }
        if name == "testcase" { tests += 1 }
    }
}

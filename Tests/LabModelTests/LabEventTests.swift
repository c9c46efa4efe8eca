import Foundation
import LabModel
import Testing

@Suite("The details of an event")
struct LabEventTests {
    @Test("are in the order of their names, however they were told, and each is there once")
    func order() {
        var details: LabEvent.Details = ["b": "2", "d": "4", "a": "1", "b": "two"]
        details["c"] = "3"
        details["d"] = nil
        details["x"] = nil
        #expect(details.map { "\($0.name)\($0.value)" } == ["a1", "btwo", "c3"])
        #expect(details == ["c": "3", "a": "1", "b": "two"])
        #expect(details["b"] == "two" && details["d"] == nil)
        #expect(details.with(["a": "own", "e": "5"]) == ["a": "own", "b": "two", "c": "3", "e": "5"])
    }

    @Test("are an object in JSON")
    func json() throws {
        let details: LabEvent.Details = ["b": "2", "a": "1"]
        let data = try JSONEncoder().encode(details)
        #expect(try JSONDecoder().decode([String: String].self, from: data) == ["a": "1", "b": "2"])
        #expect(try JSONDecoder().decode(LabEvent.Details.self, from: data) == details)
        #expect(String(decoding: LabEvent("x", details).json, as: UTF8.self).contains(#"{"a":"1","b":"2"}"#))
    }
}

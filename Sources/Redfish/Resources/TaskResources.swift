// What takes its time (DSP0266, asynchronous operations).
enum TaskResources {
    static let all: [String: Resource] = [
        "v1/TaskService": Resource(
            type: "TaskService.v1_2_1.TaskService",
            read: { scope in
                [
                    "Name": "Task Service",
                    "ServiceEnabled": true,
                    "DateTime": .string(scope.service.time),
                    "CompletedTaskOverWritePolicy": "Oldest",
                    "LifeCycleEventOnTaskStateChange": false,
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "Tasks": .link("\(path)/Tasks"),
                ]
            }
        ),
        "v1/TaskService/Tasks": .collection("TaskCollection", "Task Collection") { scope in
            scope.service.with { $0.jobs.listed.map(\.id) }
        },
        "v1/TaskService/Tasks/{task}": Resource(
            type: "Task.v1_7_4.Task",
            read: { scope throws(Failure) in json(try job(scope)) },
            delete: Resource.Delete(
                privilege: .configureManager,
                apply: { scope throws(Failure) in
                    guard try job(scope).state != .running else { throw Failure(409, .resourceInUse) }
                    scope.service.with { $0.jobs[scope.id("task")] = nil }
                }
            )
        ),
        "v1/TaskService/TaskMonitors/{task}": Resource(
            type: "",
            document: { scope throws(Failure) in
                let job = try job(scope)
                return if case .ended(let answer) = job.state { answer } else { accepted(job) }
            }
        ),
    ]

    private static let path = "/redfish/v1/TaskService"

    /// The answer to a client that does not wait for the end.
    static func accepted(_ job: Job) -> Answer {
        var task = json(job)
        task["@odata.id"] = .string("\(path)/Tasks/\(job.id)")
        task["@odata.type"] = "#Task.v1_7_4.Task"
        task["Id"] = .string(job.id)
        return Answer(
            202,
            .json(.object(task)),
            headers: ["Location": "\(path)/TaskMonitors/\(job.id)", "Retry-After": "1"]
        )
    }

    private static func job(_ scope: Scope) throws(Failure) -> Job {
        guard let job = scope.service.with({ $0.jobs[scope.id("task")] }), job.isListed else {
            throw scope.notFound
        }
        return job
    }

    private static func json(_ job: Job) -> JSON.Object {
        var json: JSON.Object = [
            "Name": .string(job.name),
            "StartTime": .string(job.begun),
            "PercentComplete": .int(job.percent),
            "HidePayload": true,
            "TaskMonitor": .string("\(path)/TaskMonitors/\(job.id)"),
        ]
        switch job.state {
        case .running:
            json["TaskState"] = "Running"
            json["TaskStatus"] = "OK"
            json["Messages"] = []
        case .ended(let answer):
            let isWell = answer.status < 400
            json["TaskState"] = isWell ? "Completed" : "Exception"
            json["TaskStatus"] = isWell ? "OK" : "Critical"
            json["EndTime"] = job.ended.map(JSON.string) ?? .null
            json["Messages"] = messages(answer)
        }
        return json
    }

    private static func messages(_ answer: Answer) -> JSON {
        if case .json(let body) = answer.body, let said = body["error"]?["@Message.ExtendedInfo"] {
            return said
        }
        return [Message(.success).json]
    }
}

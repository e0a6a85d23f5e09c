module github.com/oizys-protocol/oizys

go 1.26
